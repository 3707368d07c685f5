import { describe, expect, it } from "vitest";
import { parseOptions } from "./options.js";

describe("npm run soak", () => {
  it("has a million messages and mosquitto unless told otherwise", () => {
    const options = { messages: 1_000_000, broker: "mosquitto", protocolVersion: 4, output: "build/soak.svg" };
    expect(parseOptions([])).toMatchObject(options);
  });

  it.each([
    ["--messages 0", /^--messages: expected a whole number from 1 to 100,000,000, got "0"$/],
    ["--messages 1e6", /^--messages: expected a whole number /],
    ["--broker hivemq", /^--broker: expected mosquitto or aedes, got "hivemq"$/],
    ["--protocol 3", /^--protocol: expected 4 or 5, got "3"$/],
    ["--seed=-1", /^--seed: expected a whole number from 0 /],
    ["--what", /^Unknown option '--what'$/],
  ])("says in one line what is wrong with %s", (text, message) => {
    expect(() => parseOptions(text.split(" "))).toThrow(message);
  });
});
