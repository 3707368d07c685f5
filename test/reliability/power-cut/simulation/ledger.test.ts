import { describe, expect, it } from "vitest";
import { Ledger } from "./ledger.js";
import { type Message, outgoing, OUTGOING_TOPICS } from "./traffic.js";

const COUNT = 12;
const traffic = outgoing(COUNT);

/** The first message of this QoS behind another one. */
function message(qos: 1 | 2, behind = 0): Message {
  for (let number = behind + 1; number <= COUNT; number++) {
    const found = traffic.message(number);
    if (found?.qos === qos) return found;
  }
  throw new Error("no such message");
}

function ledger(...accepted: readonly Message[]): Ledger {
  const made = new Ledger("to the broker", traffic);
  for (let number = 1; number <= COUNT; number++) made.sent(number, "uncertain");
  for (const { number } of accepted) made.sent(number, "accepted");
  return made;
}

function arrive(made: Ledger, ...messages: readonly Message[]): void {
  for (const { topic, qos, payload } of messages) made.arrived(topic, qos, payload);
}

function faults(made: Ledger): string[] {
  made.close();
  return made.violations.map(({ fault }) => fault);
}

const [one, two] = [message(1), message(2)];

describe("The ledger of the power-cut simulation", () => {
  it("has nothing against what arrives as it was sent", () => {
    const made = ledger(one, two);
    arrive(made, ...[one, two].sort((left, right) => left.number - right.number));
    expect(faults(made)).toEqual([]);
  });

  it("has nothing against a repeated QoS 1 message, or an uncertain one that does not arrive", () => {
    const made = ledger(one);
    arrive(made, one, one);
    expect(faults(made)).toEqual([]);
  });

  it("finds a lost message", () => expect(faults(ledger(one))).toEqual(["lost"]));

  it("finds a QoS 2 message that arrives twice", () => {
    const made = ledger(two);
    arrive(made, two, two);
    expect(faults(made)).toEqual(["duplicated"]);
  });

  it("finds a message that overtakes one of its topic", () => {
    const later = traffic.message(one.number + OUTGOING_TOPICS.length) ?? one;
    const made = ledger(one, later);
    expect(later.topic).toBe(one.topic);
    arrive(made, later, one);
    expect(faults(made)).toEqual(["out of order"]);
  });

  it("finds a message that comes again after its sender was told that it has arrived", () => {
    const made = ledger(one);
    arrive(made, one);
    made.sent(one.number, "delivered");
    arrive(made, one);
    expect(faults(made)).toEqual(["resurrected"]);
  });

  it.each([
    ["a topic that it does not have", { ...one, topic: "out/another" }],
    ["another QoS", { ...one, qos: 2 } as const],
    ["a payload that was changed", { ...one, payload: one.payload.map((byte, at) => (at > 1 ? byte ^ 1 : byte)) }],
    ["a payload cut short", { ...one, payload: one.payload.slice(0, -1) }],
    ["a number that there is not", { ...one, payload: Uint8Array.of(0, 200) }],
    ["no number", { ...one, payload: Uint8Array.of() }],
  ])("finds a message with %s", (_, altered) => {
    const made = ledger(one);
    arrive(made, one, altered);
    expect(faults(made)).toEqual(["foreign"]);
  });

  it("finds a message that has not been sent yet", () => {
    const made = new Ledger("to the broker", traffic);
    arrive(made, one);
    expect(made.violations.map(({ fault }) => fault)).toEqual(["foreign"]);
  });
});
