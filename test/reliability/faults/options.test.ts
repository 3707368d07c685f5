import { describe, expect, it } from "vitest";
import { parseOptions } from "./options.js";

/** What the options make of it; without `--help` that is no text. */
function parsed(...args: string[]): Exclude<ReturnType<typeof parseOptions>, "help"> {
  const options = parseOptions(args);
  if (options === "help") throw new Error("--help was not asked for");
  return options;
}

describe("npm run faults", () => {
  it("plays 10,000 schedules, half of them with each broker", () => {
    const { brokers, seeds, trace } = parsed();
    expect(brokers).toEqual(["mosquitto", "aedes"]);
    expect(seeds).toHaveLength(5_000);
    expect([seeds[0], seeds.at(-1), trace]).toEqual([1, 5_000, false]);
  });

  it("plays one schedule again, with its seed", () => {
    expect(parsed("--broker", "aedes", "--seed", "12", "--trace")).toEqual({ brokers: ["aedes"], seeds: [12], trace: true });
    expect(parsed("--seed", "12")).toEqual({ brokers: ["mosquitto", "aedes"], seeds: [12], trace: false });
  });

  it("goes on from a seed", () => {
    expect(parsed("--broker", "mosquitto", "--seed", "12", "--schedules", "3").seeds).toEqual([12, 13, 14]);
  });

  it.each([
    [["--broker", "hive"], /^--broker: expected mosquitto, aedes or both, got "hive"$/],
    [["--schedules", "0"], /^--schedules: expected a whole number from 1 /],
    [["--seed", "x"], /^--seed: expected a whole number from 0 /],
    [["--fast"], /^Unknown option '--fast'$/],
    [["5"], /^Unexpected argument '5'/],
  ])("says in one line what is wrong with %j", (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
