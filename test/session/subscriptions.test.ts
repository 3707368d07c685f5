import { describe, expect, it, vi } from "vitest";
import { v3 } from "../../src/codec/v3.js";
import type { MqttError } from "../../src/errors.js";
import { type SubscriptionEntry, Subscriptions } from "../../src/session/subscriptions.js";
import type { QoS } from "../../src/wire/quality-of-service.js";
import { TopicFilter } from "../../src/wire/topic-filter.js";
import { parsePackets } from "../support/packets.js";

const PACKET_SIZE = 32;
const REFUSED = 0x80;

function entry(filter: string, qos: QoS = 0): SubscriptionEntry {
  return { filter: new TopicFilter(filter), qos, handler: undefined };
}

function text({ bytes }: TopicFilter): string {
  return new TextDecoder().decode(bytes.subarray(2));
}

function filters(subscriptions: Subscriptions): string[] {
  return subscriptions.entries.map(({ filter }) => text(filter));
}

/** Takes all requests that are to be sent: "SUBSCRIBE 1 a/b c", "UNSUBSCRIBE 2 a/b". */
function take(subscriptions: Subscriptions): string[] {
  const taken: string[] = [];
  const bytes = new Uint8Array(PACKET_SIZE);
  for (let length = subscriptions.write(v3, bytes); length > 0; length = subscriptions.write(v3, bytes))
    for (const each of parsePackets(bytes.slice(0, length))) {
      if (each.type === "SUBSCRIBE")
        taken.push(`SUBSCRIBE ${each.identifier} ${each.subscriptions.map(({ topicFilter }) => topicFilter).join(" ")}`);
      else if (each.type === "UNSUBSCRIBE") taken.push(`UNSUBSCRIBE ${each.identifier} ${each.topicFilters.join(" ")}`);
    }
  return taken;
}

/** Takes a SUBACK, and gives the errors it led to, or false for one that breaks the protocol. */
function grant(subscriptions: Subscriptions, identifier: number, ...codes: readonly number[]): MqttError[] | false {
  const errors: MqttError[] = [];
  return subscriptions.answer(identifier, true, Uint8Array.from(codes), (error) => errors.push(error)) && errors;
}

/** Takes an UNSUBACK. */
function unsubscribed(subscriptions: Subscriptions, identifier: number): void {
  const report = (error: MqttError): never => expect.fail(error.message);
  expect(subscriptions.answer(identifier, false, new Uint8Array(0), report)).toBe(true);
}

function counter(first: number): () => number {
  let next = first;
  return () => next++;
}

/** As with every CONNACK: what is unanswered is sent again; then, without a session, all is restored. */
function restart(subscriptions: Subscriptions, nextIdentifier: () => number): void {
  subscriptions.resume();
  subscriptions.restart(nextIdentifier);
}

describe("subscribe", () => {
  it("asks for the filters, once, and keeps them", () => {
    const subscriptions = new Subscriptions(8, PACKET_SIZE);
    expect(subscriptions.subscribe(1, [entry("a/b", 1), entry("c")], undefined)).toBe(true);
    expect(filters(subscriptions)).toEqual(["a/b", "c"]);
    expect(subscriptions.has(1)).toBe(true);
    expect(take(subscriptions)).toEqual(["SUBSCRIBE 1 a/b c"]);
    expect(take(subscriptions)).toEqual([]);
    expect(grant(subscriptions, 1, 1, 0)).toEqual([]);
    expect(subscriptions.has(1)).toBe(false);
  });

  it("hands the server's codes over as they came", () => {
    const subscriptions = new Subscriptions(8, PACKET_SIZE);
    const done = vi.fn();
    subscriptions.subscribe(1, [entry("a", 2), entry("b", 2)], done);
    take(subscriptions);
    expect(grant(subscriptions, 1, 1, REFUSED)).toEqual([]); // `done` was told
    expect(done.mock.calls).toEqual([[Uint8Array.of(1, REFUSED)]]);
    expect(filters(subscriptions)).toEqual(["a"]);
  });

  it("reports refusals when nobody asked for the codes", () => {
    const subscriptions = new Subscriptions(8, PACKET_SIZE);
    subscriptions.subscribe(1, [entry("a"), entry("b"), entry("c")], undefined);
    take(subscriptions);
    const errors = grant(subscriptions, 1, REFUSED, 0, REFUSED);
    const refused = { code: "ERR_SUBSCRIPTION_REFUSED", fault: "server", reasonCode: REFUSED };
    const naming = (filter: string): unknown => expect.objectContaining({ ...refused, message: expect.stringContaining(`"${filter}"`) as string });
    expect(errors).toEqual([naming("a"), naming("c")]);
    expect(filters(subscriptions)).toEqual(["b"]);
  });

  it("puts a filter in the place of an equal one, which costs no room", () => {
    const subscriptions = new Subscriptions(2, PACKET_SIZE);
    const replacement = entry("a", 2);
    subscriptions.subscribe(1, [entry("a"), entry("b")], undefined);
    take(subscriptions);
    grant(subscriptions, 1, 0, 0);
    expect(subscriptions.subscribe(2, [replacement], undefined)).toBe(true);
    expect(filters(subscriptions)).toEqual(["b", "a"]);
    expect(subscriptions.entries[1]).toBe(replacement);
  });

  it("keeps a replacement when the answer to what it replaced is a refusal", () => {
    const subscriptions = new Subscriptions(4, PACKET_SIZE);
    subscriptions.subscribe(1, [entry("a", 2)], undefined);
    subscriptions.subscribe(2, [entry("a", 0)], undefined);
    take(subscriptions);
    grant(subscriptions, 1, REFUSED);
    expect(filters(subscriptions)).toEqual(["a"]);
    grant(subscriptions, 2, 0);
    expect(filters(subscriptions)).toEqual(["a"]);
  });

  it("has no room for more filters than its limit", () => {
    const subscriptions = new Subscriptions(2, PACKET_SIZE);
    expect(subscriptions.subscribe(1, [entry("a"), entry("b"), entry("c")], undefined)).toBe(false);
    expect(subscriptions.subscribe(1, [entry("a"), entry("b")], undefined)).toBe(true);
    expect(subscriptions.subscribe(2, [entry("c")], undefined)).toBe(false);
    expect(filters(subscriptions)).toEqual(["a", "b"]);
    expect(take(subscriptions)).toEqual(["SUBSCRIBE 1 a b"]);
  });

  it("has no room for more unanswered requests than its limit", () => {
    const subscriptions = new Subscriptions(2, PACKET_SIZE);
    subscriptions.subscribe(1, [entry("a")], undefined);
    subscriptions.unsubscribe(2, [entry("a")], undefined);
    expect(subscriptions.subscribe(3, [entry("a")], undefined)).toBe(false);
    expect(subscriptions.unsubscribe(3, [entry("a")], undefined)).toBe(false);
    take(subscriptions);
    grant(subscriptions, 1, 0);
    expect(subscriptions.subscribe(3, [entry("a")], undefined)).toBe(true);
  });

  it("throws, and changes nothing, when its packet would be too large", () => {
    const subscriptions = new Subscriptions(8, PACKET_SIZE);
    const large = "a".repeat(23); // 5 + 2 + 2 + 23 + 1: any request is sized as a SUBSCRIBE, its header in its longest form
    expect(() => subscriptions.subscribe(1, [entry(large)], undefined)).toThrow("needs 33 bytes or more, 32 is the limit");
    expect(() => subscriptions.unsubscribe(1, [entry(large)], undefined)).toThrow("needs 33 bytes or more, 32 is the limit");
    expect(subscriptions.entries).toEqual([]);
    expect(subscriptions.has(1)).toBe(false);
    expect(subscriptions.subscribe(1, [entry(large.slice(1))], undefined)).toBe(true);
  });

  it("replaces `entries`, never changes it, so that routing may go on over the old ones", () => {
    const subscriptions = new Subscriptions(8, PACKET_SIZE);
    subscriptions.subscribe(1, [entry("a")], undefined);
    const before = subscriptions.entries;
    subscriptions.subscribe(2, [entry("b")], undefined);
    take(subscriptions);
    grant(subscriptions, 1, REFUSED);
    expect(before.map(({ filter }) => text(filter))).toEqual(["a"]);
    expect(filters(subscriptions)).toEqual(["b"]);
  });
});

describe("a SUBACK", () => {
  it.each([[[]], [[0]], [[0, 0, 0]]])("with codes %j for two filters breaks the protocol", (codes) => {
    const subscriptions = new Subscriptions(8, PACKET_SIZE);
    subscriptions.subscribe(1, [entry("a"), entry("b")], undefined);
    take(subscriptions);
    expect(grant(subscriptions, 1, ...codes)).toBe(false);
  });

  it("changes nothing when it answers nothing: another identifier, a request not sent yet, an UNSUBSCRIBE", () => {
    const subscriptions = new Subscriptions(8, PACKET_SIZE);
    const done = vi.fn();
    subscriptions.subscribe(1, [entry("a")], done);
    expect(grant(subscriptions, 1, REFUSED)).toEqual([]);
    take(subscriptions);
    expect(grant(subscriptions, 2, REFUSED)).toEqual([]);
    subscriptions.unsubscribe(3, [entry("a")], done);
    take(subscriptions);
    expect(grant(subscriptions, 3, REFUSED)).toEqual([]);
    unsubscribed(subscriptions, 1);
    expect(filters(subscriptions)).toEqual(["a"]);
    expect(done).not.toHaveBeenCalled();
  });
});

describe("unsubscribe", () => {
  function subscribedTo(...names: readonly string[]): Subscriptions {
    const subscriptions = new Subscriptions(8, PACKET_SIZE);
    subscriptions.subscribe(1, names.map((name) => entry(name)), undefined);
    take(subscriptions);
    grant(subscriptions, 1, ...names.map(() => 0));
    return subscriptions;
  }

  it("keeps the filters until the server has answered", () => {
    const subscriptions = subscribedTo("a", "b", "c");
    const done = vi.fn();
    subscriptions.unsubscribe(2, [entry("c"), entry("a")], done);
    expect(take(subscriptions)).toEqual(["UNSUBSCRIBE 2 c a"]);
    expect(filters(subscriptions)).toEqual(["a", "b", "c"]);
    unsubscribed(subscriptions, 2);
    expect(filters(subscriptions)).toEqual(["b"]);
    expect(done).toHaveBeenCalledOnce();
    unsubscribed(subscriptions, 2);
    expect(done).toHaveBeenCalledOnce();
  });

  it("may name what is not subscribed to", () => {
    const subscriptions = subscribedTo("a");
    expect(subscriptions.unsubscribe(2, [entry("b")], undefined)).toBe(true);
    take(subscriptions);
    unsubscribed(subscriptions, 2);
    expect(filters(subscriptions)).toEqual(["a"]);
  });

  it("does not take away what was subscribed to anew before its answer came", () => {
    const subscriptions = subscribedTo("a");
    subscriptions.unsubscribe(2, [entry("a")], undefined);
    subscriptions.subscribe(3, [entry("a")], undefined);
    expect(take(subscriptions)).toEqual(["UNSUBSCRIBE 2 a", "SUBSCRIBE 3 a"]);
    unsubscribed(subscriptions, 2);
    expect(filters(subscriptions)).toEqual(["a"]);
    grant(subscriptions, 3, 0);
    expect(filters(subscriptions)).toEqual(["a"]);
  });

  it("takes away what was subscribed to just before it", () => {
    const subscriptions = new Subscriptions(8, PACKET_SIZE);
    subscriptions.subscribe(2, [entry("a")], undefined);
    subscriptions.unsubscribe(3, [entry("a")], undefined);
    take(subscriptions);
    grant(subscriptions, 2, 0);
    unsubscribed(subscriptions, 3);
    expect(filters(subscriptions)).toEqual([]);
  });
});

describe("write", () => {
  it("keeps the order, one request at a time", () => {
    const subscriptions = new Subscriptions(8, PACKET_SIZE);
    subscriptions.subscribe(1, [entry("a/long/filter")], undefined);
    subscriptions.subscribe(2, [entry("b", 2)], undefined);
    const bytes = new Uint8Array(PACKET_SIZE);
    expect(parsePackets(bytes.slice(0, subscriptions.write(v3, bytes)))).toMatchObject([{ type: "SUBSCRIBE", identifier: 1 }]);
    expect(take(subscriptions)).toEqual(["SUBSCRIBE 2 b"]);
    expect(subscriptions.write(v3, bytes)).toBe(0);
  });
});

describe("resume: the same session on another connection", () => {
  it("sends what is unanswered again, nothing else", () => {
    const subscriptions = new Subscriptions(8, PACKET_SIZE);
    subscriptions.subscribe(1, [entry("a")], undefined);
    subscriptions.subscribe(2, [entry("b")], undefined);
    subscriptions.unsubscribe(3, [entry("a")], undefined);
    take(subscriptions);
    grant(subscriptions, 1, 0);
    subscriptions.resume();
    expect(take(subscriptions)).toEqual(["SUBSCRIBE 2 b", "UNSUBSCRIBE 3 a"]);
  });
});

describe("restart: the server has lost the session", () => {
  it("restores all filters, split over as many packets as packetSize takes", () => {
    const subscriptions = new Subscriptions(8, PACKET_SIZE);
    const names = ["f/one", "f/two", "filter/three", "filter/four", "filter/number/five"];
    names.forEach((name, at) => subscriptions.subscribe(at + 1, [entry(name, 1)], undefined));
    take(subscriptions);
    names.forEach((_, at) => grant(subscriptions, at + 1, 1));
    restart(subscriptions, counter(100));
    expect(take(subscriptions)).toEqual([
      "SUBSCRIBE 100 f/one f/two",
      "SUBSCRIBE 101 filter/three",
      "SUBSCRIBE 102 filter/four",
      "SUBSCRIBE 103 filter/number/five",
    ]);
    expect(grant(subscriptions, 100, 1, REFUSED)).toEqual([expect.objectContaining({ code: "ERR_SUBSCRIPTION_REFUSED" })]);
    expect(filters(subscriptions)).toEqual(names.filter((name) => name !== "f/two"));
  });

  it("asks once for what is unanswered, under the identifier it had, and restores the rest before it", () => {
    const subscriptions = new Subscriptions(8, PACKET_SIZE);
    subscriptions.subscribe(1, [entry("a")], undefined);
    take(subscriptions);
    grant(subscriptions, 1, 0);
    subscriptions.subscribe(2, [entry("b")], undefined);
    subscriptions.unsubscribe(3, [entry("a")], undefined);
    take(subscriptions);
    restart(subscriptions, counter(10));
    expect(take(subscriptions)).toEqual(["SUBSCRIBE 10 a", "SUBSCRIBE 2 b", "UNSUBSCRIBE 3 a"]);
  });

  it("twice in a row does not ask twice", () => {
    const subscriptions = new Subscriptions(8, PACKET_SIZE);
    subscriptions.subscribe(1, [entry("a")], undefined);
    take(subscriptions);
    grant(subscriptions, 1, 0);
    restart(subscriptions, counter(10));
    take(subscriptions);
    restart(subscriptions, counter(20));
    expect(take(subscriptions)).toEqual(["SUBSCRIBE 10 a"]);
  });

  it("does not restore what was refused or unsubscribed", () => {
    const subscriptions = new Subscriptions(8, PACKET_SIZE);
    subscriptions.subscribe(1, [entry("a"), entry("b"), entry("c")], undefined);
    take(subscriptions);
    grant(subscriptions, 1, 0, REFUSED, 0);
    subscriptions.unsubscribe(2, [entry("c")], undefined);
    take(subscriptions);
    unsubscribed(subscriptions, 2);
    restart(subscriptions, counter(10));
    expect(take(subscriptions)).toEqual(["SUBSCRIBE 10 a"]);
  });

  it("of nothing asks nothing", () => {
    const subscriptions = new Subscriptions(8, PACKET_SIZE);
    restart(subscriptions, counter(1));
    expect(take(subscriptions)).toEqual([]);
  });
});
