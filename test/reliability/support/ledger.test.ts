import { beforeEach, describe, expect, it } from "vitest";
import type { QoS } from "mqtt-xs";
import { knownPayload } from "./known-payload.js";
import { type Allowances, Ledger, type LedgerMessage } from "./ledger.js";

let ledger: Ledger;

beforeEach(() => {
  ledger = new Ledger();
});

const message = (number: number, qos: QoS = 2, topic = "a"): LedgerMessage => ({ topic, qos, payload: knownPayload(number, 10) });

/** Sends messages of one QoS, all of them told as delivered. */
function send(count: number, qos: QoS = 2): LedgerMessage[] {
  const messages = Array.from({ length: count }, (_, number) => message(number, qos));
  for (const each of messages) {
    const number = ledger.send(each);
    if (qos > 0) ledger.deliver(number);
  }
  return messages;
}

const wrongs = (allowances?: Allowances): string[] => ledger.violations(allowances).map(({ what }) => what);

describe("Ledger", () => {
  it("finds nothing wrong where everything arrives once, in order", () => {
    for (const each of send(3)) ledger.arrive(each);
    expect(ledger.isSettled()).toBe(true);
    expect(ledger.violations()).toEqual([]);
  });

  it.each([1, 2] as const)("catches a lost message of QoS %i", (qos) => {
    const [first] = send(2, qos);
    ledger.arrive(first);
    expect(ledger.isSettled()).toBe(false);
    expect(ledger.violations()).toEqual([
      { what: "lost", detail: `QoS ${qos} message of 10 bytes on a, number 1, arrived 0, told 1 times` },
    ]);
  });

  it("lets QoS 0 be lost", () => {
    send(1, 0);
    expect(ledger.isSettled()).toBe(true);
    expect(wrongs()).toEqual([]);
  });

  it.each([
    { qos: 0, found: ["duplicated"] },
    { qos: 1, found: [] },
    { qos: 2, found: ["duplicated"] },
  ] as const)("catches a repetition, but of QoS 1: QoS $qos", ({ qos, found }) => {
    const [first] = send(1, qos);
    ledger.arrive(first);
    ledger.arrive(first);
    expect(wrongs()).toEqual(found);
  });

  it.each([0, 1, 2] as const)("catches a message of QoS %i that was overtaken", (qos) => {
    const [first, second, third] = send(3, qos);
    for (const each of [first, third, second]) ledger.arrive(each);
    expect(ledger.violations()).toMatchObject([{ what: "out of order", detail: expect.stringContaining("number 1") as string }]);
  });

  it("minds the order of first arrivals only, and for each topic and QoS by itself", () => {
    const all = [message(0, 1), message(1, 1), message(2, 2), message(3, 2, "b")];
    for (const each of all) ledger.deliver(ledger.send(each));
    for (const at of [3, 2, 0, 1, 0]) ledger.arrive(all[at]);
    expect(wrongs()).toEqual([]);
  });

  it("catches what nobody sent, or another way", () => {
    const [first] = send(1);
    ledger.arrive(first);
    ledger.arrive(message(9));
    ledger.arrive(message(0, 1));
    ledger.arrive(message(0, 2, "b"));
    expect(wrongs()).toEqual(["foreign", "foreign", "foreign"]);
  });

  it("catches a byte that was altered", () => {
    const [first] = send(1);
    ledger.arrive({ ...first, payload: first.payload.with(5, 0xff) });
    expect(wrongs()).toEqual(["lost", "foreign"]);
  });

  it("catches deliveries that are not told, or twice", () => {
    const [first, second] = [message(0), message(1)];
    ledger.send(first);
    const number = ledger.send(second);
    ledger.deliver(number);
    ledger.deliver(number);
    ledger.arrive(first);
    ledger.arrive(second);
    expect(ledger.isSettled()).toBe(false);
    expect(wrongs()).toEqual(["never told as delivered", "told as delivered twice"]);
    expect(wrongs({ tells: false })).toEqual(["told as delivered twice"]);
  });

  it("allows what it is told to, and not more", () => {
    const [, second] = send(2);
    for (let times = 0; times < 3; times++) ledger.arrive(second);
    const allowances = { mayBeLost: ({ number }: { number: number }) => number === 0, mayArrive: () => 3 };
    expect(ledger.isSettled(allowances)).toBe(true);
    expect(wrongs(allowances)).toEqual([]);
    expect(wrongs({ ...allowances, mayArrive: () => 2 })).toEqual(["duplicated"]);
  });
});
