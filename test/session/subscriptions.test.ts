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

function filters(subscriptions: Subscriptions): string[] {
  return subscriptions.entries.map(({ filter }) => filter.toString());
}

/** Takes all requests that are to be sent: "SUBSCRIBE 1 a/b c", "UNSUBSCRIBE 2 a/b". */
function take(subscriptions: Subscriptions): string[] {
  const taken: string[] = [];
  for (let packet = subscriptions.take(PACKET_SIZE); packet; packet = subscriptions.take(PACKET_SIZE))
    for (const each of parsePackets(packet)) {
      if (each.type === "SUBSCRIBE")
        taken.push(`SUBSCRIBE ${each.identifier} ${each.subscriptions.map(({ topicFilter }) => topicFilter).join(" ")}`);
      else if (each.type === "UNSUBSCRIBE") taken.push(`UNSUBSCRIBE ${each.identifier} ${each.topicFilters.join(" ")}`);
    }
  return taken;
}

/** Takes a SUBACK, and gives the errors it led to, or false for one that breaks the protocol. */
function grant(subscriptions: Subscriptions, identifier: number, ...codes: readonly number[]): MqttError[] | false {
  const errors: MqttError[] = [];
  const listener = { onError: (error: MqttError) => void errors.push(error) };
  return subscriptions.granted(identifier, Uint8Array.from(codes), listener) && errors;
}

function counter(first: number): () => number {
  let next = first;
  return () => next++;
}

describe("subscribe", () => {
  it("asks for the filters, once, and keeps them", () => {
    const subscriptions = new Subscriptions(v3, 8, PACKET_SIZE);
    expect(subscriptions.subscribe(1, [entry("a/b", 1), entry("c")])).toBe(true);
    expect(filters(subscriptions)).toEqual(["a/b", "c"]);
    expect(subscriptions.has(1)).toBe(true);
    expect(take(subscriptions)).toEqual(["SUBSCRIBE 1 a/b c"]);
    expect(take(subscriptions)).toEqual([]);
    expect(grant(subscriptions, 1, 1, 0)).toEqual([]);
    expect(subscriptions.has(1)).toBe(false);
  });

  it("hands the server's codes over as they came", () => {
    const subscriptions = new Subscriptions(v3, 8, PACKET_SIZE);
    const done = vi.fn();
    subscriptions.subscribe(1, [entry("a", 2), entry("b", 2)], done);
    take(subscriptions);
    expect(grant(subscriptions, 1, 1, REFUSED)).toEqual([]); // `done` was told
    expect(done.mock.calls).toEqual([[Uint8Array.of(1, REFUSED)]]);
    expect(filters(subscriptions)).toEqual(["a"]);
  });

  it("reports refusals when nobody asked for the codes", () => {
    const subscriptions = new Subscriptions(v3, 8, PACKET_SIZE);
    subscriptions.subscribe(1, [entry("a"), entry("b"), entry("c")]);
    take(subscriptions);
    const errors = grant(subscriptions, 1, REFUSED, 0, REFUSED);
    expect(errors).toEqual([
      expect.objectContaining({ code: "ERR_SUBSCRIPTION_REFUSED", reasonCode: REFUSED, message: expect.stringContaining('"a"') as string }),
      expect.objectContaining({ message: expect.stringContaining('"c"') as string }),
    ]);
    expect(filters(subscriptions)).toEqual(["b"]);
  });

  it("puts a filter in the place of an equal one, which costs no room", () => {
    const subscriptions = new Subscriptions(v3, 2, PACKET_SIZE);
    const replacement = entry("a", 2);
    subscriptions.subscribe(1, [entry("a"), entry("b")]);
    take(subscriptions);
    grant(subscriptions, 1, 0, 0);
    expect(subscriptions.subscribe(2, [replacement])).toBe(true);
    expect(filters(subscriptions)).toEqual(["b", "a"]);
    expect(subscriptions.entries[1]).toBe(replacement);
  });

  it("keeps a replacement when the answer to what it replaced is a refusal", () => {
    const subscriptions = new Subscriptions(v3, 4, PACKET_SIZE);
    subscriptions.subscribe(1, [entry("a", 2)]);
    subscriptions.subscribe(2, [entry("a", 0)]);
    take(subscriptions);
    grant(subscriptions, 1, REFUSED);
    expect(filters(subscriptions)).toEqual(["a"]);
    grant(subscriptions, 2, 0);
    expect(filters(subscriptions)).toEqual(["a"]);
  });

  it("has no room for more filters than its limit", () => {
    const subscriptions = new Subscriptions(v3, 2, PACKET_SIZE);
    expect(subscriptions.subscribe(1, [entry("a"), entry("b"), entry("c")])).toBe(false);
    expect(subscriptions.subscribe(1, [entry("a"), entry("b")])).toBe(true);
    expect(subscriptions.subscribe(2, [entry("c")])).toBe(false);
    expect(filters(subscriptions)).toEqual(["a", "b"]);
    expect(take(subscriptions)).toEqual(["SUBSCRIBE 1 a b"]);
  });

  it("has no room for more unanswered requests than its limit", () => {
    const subscriptions = new Subscriptions(v3, 2, PACKET_SIZE);
    subscriptions.subscribe(1, [entry("a")]);
    subscriptions.unsubscribe(2, [new TopicFilter("a")]);
    expect(subscriptions.subscribe(3, [entry("a")])).toBe(false);
    expect(subscriptions.unsubscribe(3, [new TopicFilter("a")])).toBe(false);
    take(subscriptions);
    grant(subscriptions, 1, 0);
    expect(subscriptions.subscribe(3, [entry("a")])).toBe(true);
  });

  it("throws, and changes nothing, when its packet would be too large", () => {
    const subscriptions = new Subscriptions(v3, 8, PACKET_SIZE);
    const large = "a".repeat(26); // 2 + 2 + 2 + 26 + 1
    expect(() => subscriptions.subscribe(1, [entry(large)])).toThrow("needs 33 bytes, packetSize is 32");
    expect(() => subscriptions.unsubscribe(1, [new TopicFilter(`${large}a`)])).toThrow("needs 33 bytes, packetSize is 32");
    expect(subscriptions.entries).toEqual([]);
    expect(subscriptions.has(1)).toBe(false);
    expect(subscriptions.subscribe(1, [entry(large.slice(1))])).toBe(true);
  });

  it("replaces `entries`, never changes it, so that routing may go on over the old ones", () => {
    const subscriptions = new Subscriptions(v3, 8, PACKET_SIZE);
    subscriptions.subscribe(1, [entry("a")]);
    const before = subscriptions.entries;
    subscriptions.subscribe(2, [entry("b")]);
    take(subscriptions);
    grant(subscriptions, 1, REFUSED);
    expect(before.map(({ filter }) => filter.toString())).toEqual(["a"]);
    expect(filters(subscriptions)).toEqual(["b"]);
  });
});

describe("a SUBACK", () => {
  it.each([[[]], [[0]], [[0, 0, 0]]])("with codes %j for two filters breaks the protocol", (codes) => {
    const subscriptions = new Subscriptions(v3, 8, PACKET_SIZE);
    subscriptions.subscribe(1, [entry("a"), entry("b")]);
    take(subscriptions);
    expect(grant(subscriptions, 1, ...codes)).toBe(false);
  });

  it("changes nothing when it answers nothing: another identifier, a request not sent yet, an UNSUBSCRIBE", () => {
    const subscriptions = new Subscriptions(v3, 8, PACKET_SIZE);
    const done = vi.fn();
    subscriptions.subscribe(1, [entry("a")], done);
    expect(grant(subscriptions, 1, REFUSED)).toEqual([]);
    take(subscriptions);
    expect(grant(subscriptions, 2, REFUSED)).toEqual([]);
    subscriptions.unsubscribe(3, [new TopicFilter("a")], done);
    take(subscriptions);
    expect(grant(subscriptions, 3, REFUSED)).toEqual([]);
    subscriptions.unsubscribed(1);
    expect(filters(subscriptions)).toEqual(["a"]);
    expect(done).not.toHaveBeenCalled();
  });
});

describe("unsubscribe", () => {
  function subscribedTo(...names: readonly string[]): Subscriptions {
    const subscriptions = new Subscriptions(v3, 8, PACKET_SIZE);
    subscriptions.subscribe(1, names.map((name) => entry(name)));
    take(subscriptions);
    grant(subscriptions, 1, ...names.map(() => 0));
    return subscriptions;
  }

  it("keeps the filters until the server has answered", () => {
    const subscriptions = subscribedTo("a", "b", "c");
    const done = vi.fn();
    subscriptions.unsubscribe(2, [new TopicFilter("c"), new TopicFilter("a")], done);
    expect(take(subscriptions)).toEqual(["UNSUBSCRIBE 2 c a"]);
    expect(filters(subscriptions)).toEqual(["a", "b", "c"]);
    subscriptions.unsubscribed(2);
    expect(filters(subscriptions)).toEqual(["b"]);
    expect(done).toHaveBeenCalledOnce();
    subscriptions.unsubscribed(2);
    expect(done).toHaveBeenCalledOnce();
  });

  it("may name what is not subscribed to", () => {
    const subscriptions = subscribedTo("a");
    expect(subscriptions.unsubscribe(2, [new TopicFilter("b")])).toBe(true);
    take(subscriptions);
    subscriptions.unsubscribed(2);
    expect(filters(subscriptions)).toEqual(["a"]);
  });

  it("does not take away what was subscribed to anew before its answer came", () => {
    const subscriptions = subscribedTo("a");
    subscriptions.unsubscribe(2, [new TopicFilter("a")]);
    subscriptions.subscribe(3, [entry("a")]);
    expect(take(subscriptions)).toEqual(["UNSUBSCRIBE 2 a", "SUBSCRIBE 3 a"]);
    subscriptions.unsubscribed(2);
    expect(filters(subscriptions)).toEqual(["a"]);
    grant(subscriptions, 3, 0);
    expect(filters(subscriptions)).toEqual(["a"]);
  });

  it("takes away what was subscribed to just before it", () => {
    const subscriptions = new Subscriptions(v3, 8, PACKET_SIZE);
    subscriptions.subscribe(2, [entry("a")]);
    subscriptions.unsubscribe(3, [new TopicFilter("a")]);
    take(subscriptions);
    grant(subscriptions, 2, 0);
    subscriptions.unsubscribed(3);
    expect(filters(subscriptions)).toEqual([]);
  });
});

describe("take", () => {
  it("keeps the order, and waits for room rather than letting another request pass", () => {
    const subscriptions = new Subscriptions(v3, 8, PACKET_SIZE);
    subscriptions.subscribe(1, [entry("a/long/filter")]);
    subscriptions.subscribe(2, [entry("b")]);
    expect(subscriptions.take(10)).toBeUndefined();
    expect(take(subscriptions)).toEqual(["SUBSCRIBE 1 a/long/filter", "SUBSCRIBE 2 b"]);
  });
});

describe("resume: the same session on another connection", () => {
  it("sends what is unanswered again, nothing else", () => {
    const subscriptions = new Subscriptions(v3, 8, PACKET_SIZE);
    subscriptions.subscribe(1, [entry("a")]);
    subscriptions.subscribe(2, [entry("b")]);
    subscriptions.unsubscribe(3, [new TopicFilter("a")]);
    take(subscriptions);
    grant(subscriptions, 1, 0);
    subscriptions.resume();
    expect(take(subscriptions)).toEqual(["SUBSCRIBE 2 b", "UNSUBSCRIBE 3 a"]);
  });
});

describe("restart: the server has lost the session", () => {
  it("restores all filters, split over as many packets as packetSize takes", () => {
    const subscriptions = new Subscriptions(v3, 8, PACKET_SIZE);
    const names = ["filter/one", "filter/two", "filter/three", "filter/four", "filter/number/five/is/it"];
    names.forEach((name, at) => subscriptions.subscribe(at + 1, [entry(name, 1)]));
    take(subscriptions);
    names.forEach((_, at) => grant(subscriptions, at + 1, 1));
    subscriptions.restart(counter(100));
    expect(take(subscriptions)).toEqual([
      "SUBSCRIBE 100 filter/one filter/two",
      "SUBSCRIBE 101 filter/three",
      "SUBSCRIBE 102 filter/four",
      "SUBSCRIBE 103 filter/number/five/is/it",
    ]);
    expect(grant(subscriptions, 100, 1, REFUSED)).toEqual([expect.objectContaining({ code: "ERR_SUBSCRIPTION_REFUSED" })]);
    expect(filters(subscriptions)).toEqual(names.filter((name) => name !== "filter/two"));
  });

  it("asks once for what is unanswered, under the identifier it had, and restores the rest before it", () => {
    const subscriptions = new Subscriptions(v3, 8, PACKET_SIZE);
    subscriptions.subscribe(1, [entry("a")]);
    take(subscriptions);
    grant(subscriptions, 1, 0);
    subscriptions.subscribe(2, [entry("b")]);
    subscriptions.unsubscribe(3, [new TopicFilter("a")]);
    take(subscriptions);
    subscriptions.restart(counter(10));
    expect(take(subscriptions)).toEqual(["SUBSCRIBE 10 a", "SUBSCRIBE 2 b", "UNSUBSCRIBE 3 a"]);
  });

  it("twice in a row does not ask twice", () => {
    const subscriptions = new Subscriptions(v3, 8, PACKET_SIZE);
    subscriptions.subscribe(1, [entry("a")]);
    take(subscriptions);
    grant(subscriptions, 1, 0);
    subscriptions.restart(counter(10));
    take(subscriptions);
    subscriptions.restart(counter(20));
    expect(take(subscriptions)).toEqual(["SUBSCRIBE 10 a"]);
  });

  it("does not restore what was refused or unsubscribed", () => {
    const subscriptions = new Subscriptions(v3, 8, PACKET_SIZE);
    subscriptions.subscribe(1, [entry("a"), entry("b"), entry("c")]);
    take(subscriptions);
    grant(subscriptions, 1, 0, REFUSED, 0);
    subscriptions.unsubscribe(2, [new TopicFilter("c")]);
    take(subscriptions);
    subscriptions.unsubscribed(2);
    subscriptions.restart(counter(10));
    expect(take(subscriptions)).toEqual(["SUBSCRIBE 10 a"]);
  });

  it("of nothing asks nothing", () => {
    const subscriptions = new Subscriptions(v3, 8, PACKET_SIZE);
    subscriptions.restart(counter(1));
    expect(take(subscriptions)).toEqual([]);
  });
});
