import { describe, expect, it, vi } from "vitest";
import { v3 } from "../../src/codec/v3.js";
import type { MqttError } from "../../src/errors.js";
import { type Done, type SubscriptionEntry, Subscriptions } from "../../src/session/subscriptions.js";
import { SUBACK, SUBSCRIBE, UNSUBACK, UNSUBSCRIBE } from "../../src/wire/packet-type.js";
import type { QoS } from "../../src/wire/quality-of-service.js";
import { TopicFilter } from "../../src/wire/topic-filter.js";
import { parsePackets } from "../support/packets.js";

const PACKET_SIZE = 32;
const REFUSED = 0x80;

function entry(filter: string, qos: QoS = 0): SubscriptionEntry {
  return { filter: new TopicFilter(filter), qos, handler: undefined };
}

function filters(subscriptions: Subscriptions): string[] {
  return subscriptions.entries.map(({ filter }) => String(filter));
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

let reported: MqttError[] = [];
const events = { onError: (error: MqttError): unknown => reported.push(error) };

function create(limit = 8): Subscriptions {
  return new Subscriptions(limit, PACKET_SIZE);
}

function subscribe(subscriptions: Subscriptions, identifier: number, entries: readonly SubscriptionEntry[], done?: Done): boolean {
  return subscriptions.request(identifier, SUBSCRIBE, entries, done);
}

function unsubscribe(subscriptions: Subscriptions, identifier: number, entries: readonly SubscriptionEntry[], done?: Done): boolean {
  return subscriptions.request(identifier, UNSUBSCRIBE, entries, done);
}

/** Takes a SUBACK, and gives the refusals that it had reported, or false if it broke the protocol. */
function grant(subscriptions: Subscriptions, identifier: number, ...codes: readonly number[]): MqttError[] | false {
  reported = [];
  return subscriptions.answer(identifier, SUBACK, Uint8Array.from(codes), events) === undefined && reported;
}

/** Takes an UNSUBACK. */
function unsubscribed(subscriptions: Subscriptions, identifier: number): void {
  reported = [];
  expect(subscriptions.answer(identifier, UNSUBACK, new Uint8Array(0), events)).toBeUndefined();
  expect(reported).toEqual([]);
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
    const subscriptions = create();
    expect(subscribe(subscriptions, 1, [entry("a/b", 1), entry("c")])).toBe(true);
    expect(filters(subscriptions)).toEqual(["a/b", "c"]);
    expect(subscriptions.has(1)).toBe(true);
    expect(take(subscriptions)).toEqual(["SUBSCRIBE 1 a/b c"]);
    expect(take(subscriptions)).toEqual([]);
    expect(grant(subscriptions, 1, 1, 0)).toEqual([]);
    expect(subscriptions.has(1)).toBe(false);
  });

  it("hands the server's codes over as they came", () => {
    const subscriptions = create();
    const done = vi.fn();
    subscribe(subscriptions, 1, [entry("a", 2), entry("b", 2)], done);
    take(subscriptions);
    expect(grant(subscriptions, 1, 1, REFUSED)).toEqual([]); // `done` was told
    expect(done.mock.calls).toEqual([[Uint8Array.of(1, REFUSED)]]);
    expect(filters(subscriptions)).toEqual(["a"]);
  });

  it("reports refusals when nobody asked for the codes", () => {
    const subscriptions = create();
    subscribe(subscriptions, 1, [entry("a"), entry("b"), entry("c")]);
    take(subscriptions);
    const errors = grant(subscriptions, 1, REFUSED, 0, REFUSED);
    const refused = { code: "ERR_SUBSCRIPTION_REFUSED", fault: "server", reasonCode: REFUSED };
    const naming = (filter: string): unknown => expect.objectContaining({ ...refused, message: expect.stringContaining(`"${filter}"`) as string });
    expect(errors).toEqual([naming("a"), naming("c")]);
    expect(filters(subscriptions)).toEqual(["b"]);
  });

  it("puts a filter in the place of an equal one, which costs no room", () => {
    const subscriptions = create(2);
    const replacement = entry("a", 2);
    subscribe(subscriptions, 1, [entry("a"), entry("b")]);
    take(subscriptions);
    grant(subscriptions, 1, 0, 0);
    expect(subscribe(subscriptions, 2, [replacement])).toBe(true);
    expect(filters(subscriptions)).toEqual(["b", "a"]);
    expect(subscriptions.entries[1]).toBe(replacement);
  });

  it("keeps a replacement when the answer to what it replaced is a refusal", () => {
    const subscriptions = create(4);
    subscribe(subscriptions, 1, [entry("a", 2)]);
    subscribe(subscriptions, 2, [entry("a", 0)]);
    take(subscriptions);
    grant(subscriptions, 1, REFUSED);
    expect(filters(subscriptions)).toEqual(["a"]);
    grant(subscriptions, 2, 0);
    expect(filters(subscriptions)).toEqual(["a"]);
  });

  it("has no room for more filters than its limit", () => {
    const subscriptions = create(2);
    expect(subscribe(subscriptions, 1, [entry("a"), entry("b"), entry("c")])).toBe(false);
    expect(subscribe(subscriptions, 1, [entry("a"), entry("b")])).toBe(true);
    expect(subscribe(subscriptions, 2, [entry("c")])).toBe(false);
    expect(filters(subscriptions)).toEqual(["a", "b"]);
    expect(take(subscriptions)).toEqual(["SUBSCRIBE 1 a b"]);
  });

  it("has no room for more unanswered requests than its limit", () => {
    const subscriptions = create(2);
    subscribe(subscriptions, 1, [entry("a")]);
    unsubscribe(subscriptions, 2, [entry("a")]);
    expect(subscribe(subscriptions, 3, [entry("a")])).toBe(false);
    expect(unsubscribe(subscriptions, 3, [entry("a")])).toBe(false);
    take(subscriptions);
    grant(subscriptions, 1, 0);
    expect(subscribe(subscriptions, 3, [entry("a")])).toBe(true);
  });

  it("throws, and changes nothing, when its packet would be too large", () => {
    const subscriptions = create();
    const large = "a".repeat(23); // 5 + 2 + 2 + 23 + 1: any request is sized as a SUBSCRIBE, its header in its longest form
    expect(() => subscribe(subscriptions, 1, [entry(large)])).toThrow("needs 33 bytes or more, 32 is the limit");
    expect(() => unsubscribe(subscriptions, 1, [entry(large)])).toThrow("needs 33 bytes or more, 32 is the limit");
    expect(subscriptions.entries).toEqual([]);
    expect(subscriptions.has(1)).toBe(false);
    expect(subscribe(subscriptions, 1, [entry(large.slice(1))])).toBe(true);
  });

  it("replaces `entries`, never changes it, so that routing may go on over the old ones", () => {
    const subscriptions = create();
    subscribe(subscriptions, 1, [entry("a")]);
    const before = subscriptions.entries;
    subscribe(subscriptions, 2, [entry("b")]);
    take(subscriptions);
    grant(subscriptions, 1, REFUSED);
    expect(before.map(({ filter }) => String(filter))).toEqual(["a"]);
    expect(filters(subscriptions)).toEqual(["b"]);
  });
});

describe("a SUBACK", () => {
  it.each([[[]], [[0]], [[0, 0, 0]]])("with codes %j for two filters breaks the protocol", (codes) => {
    const subscriptions = create();
    subscribe(subscriptions, 1, [entry("a"), entry("b")]);
    take(subscriptions);
    expect(grant(subscriptions, 1, ...codes)).toBe(false);
  });

  it("changes nothing when it answers nothing: another identifier, a request not sent yet, an UNSUBSCRIBE", () => {
    const subscriptions = create();
    const done = vi.fn();
    subscribe(subscriptions, 1, [entry("a")], done);
    expect(grant(subscriptions, 1, REFUSED)).toEqual([]);
    take(subscriptions);
    expect(grant(subscriptions, 2, REFUSED)).toEqual([]);
    unsubscribe(subscriptions, 3, [entry("a")], done);
    take(subscriptions);
    expect(grant(subscriptions, 3, REFUSED)).toEqual([]);
    unsubscribed(subscriptions, 1);
    expect(filters(subscriptions)).toEqual(["a"]);
    expect(done).not.toHaveBeenCalled();
  });
});

describe("unsubscribe", () => {
  function subscribedTo(...names: readonly string[]): Subscriptions {
    const subscriptions = create();
    subscribe(subscriptions, 1, names.map((name) => entry(name)));
    take(subscriptions);
    grant(subscriptions, 1, ...names.map(() => 0));
    return subscriptions;
  }

  it("keeps the filters until the server has answered", () => {
    const subscriptions = subscribedTo("a", "b", "c");
    const done = vi.fn();
    unsubscribe(subscriptions, 2, [entry("c"), entry("a")], done);
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
    expect(unsubscribe(subscriptions, 2, [entry("b")])).toBe(true);
    take(subscriptions);
    unsubscribed(subscriptions, 2);
    expect(filters(subscriptions)).toEqual(["a"]);
  });

  it("does not take away what was subscribed to anew before its answer came", () => {
    const subscriptions = subscribedTo("a");
    unsubscribe(subscriptions, 2, [entry("a")]);
    subscribe(subscriptions, 3, [entry("a")]);
    expect(take(subscriptions)).toEqual(["UNSUBSCRIBE 2 a", "SUBSCRIBE 3 a"]);
    unsubscribed(subscriptions, 2);
    expect(filters(subscriptions)).toEqual(["a"]);
    grant(subscriptions, 3, 0);
    expect(filters(subscriptions)).toEqual(["a"]);
  });

  it("takes away what was subscribed to just before it", () => {
    const subscriptions = create();
    subscribe(subscriptions, 2, [entry("a")]);
    unsubscribe(subscriptions, 3, [entry("a")]);
    take(subscriptions);
    grant(subscriptions, 2, 0);
    unsubscribed(subscriptions, 3);
    expect(filters(subscriptions)).toEqual([]);
  });
});

describe("write", () => {
  it("keeps the order, one request at a time", () => {
    const subscriptions = create();
    subscribe(subscriptions, 1, [entry("a/long/filter")]);
    subscribe(subscriptions, 2, [entry("b", 2)]);
    const bytes = new Uint8Array(PACKET_SIZE);
    expect(parsePackets(bytes.slice(0, subscriptions.write(v3, bytes)))).toMatchObject([{ type: "SUBSCRIBE", identifier: 1 }]);
    expect(take(subscriptions)).toEqual(["SUBSCRIBE 2 b"]);
    expect(subscriptions.write(v3, bytes)).toBe(0);
  });
});

describe("resume: the same session on another connection", () => {
  it("sends what is unanswered again, nothing else", () => {
    const subscriptions = create();
    subscribe(subscriptions, 1, [entry("a")]);
    subscribe(subscriptions, 2, [entry("b")]);
    unsubscribe(subscriptions, 3, [entry("a")]);
    take(subscriptions);
    grant(subscriptions, 1, 0);
    subscriptions.resume();
    expect(take(subscriptions)).toEqual(["SUBSCRIBE 2 b", "UNSUBSCRIBE 3 a"]);
  });
});

describe("restart: the server has lost the session", () => {
  it("restores all filters, each with a request of its own, so that none is larger than it was", () => {
    const subscriptions = create();
    const names = ["f/one", "f/two", "filter/three", "filter/four", "filter/number/five"];
    names.forEach((name, at) => subscribe(subscriptions, at + 1, [entry(name, 1)]));
    take(subscriptions);
    names.forEach((_, at) => grant(subscriptions, at + 1, 1));
    restart(subscriptions, counter(100));
    expect(take(subscriptions)).toEqual([
      "SUBSCRIBE 100 f/one",
      "SUBSCRIBE 101 f/two",
      "SUBSCRIBE 102 filter/three",
      "SUBSCRIBE 103 filter/four",
      "SUBSCRIBE 104 filter/number/five",
    ]);
    expect(grant(subscriptions, 101, REFUSED)).toEqual([expect.objectContaining({ code: "ERR_SUBSCRIPTION_REFUSED" })]);
    expect(filters(subscriptions)).toEqual(names.filter((name) => name !== "f/two"));
  });

  it("asks once for what is unanswered, under the identifier it had, and restores the rest before it", () => {
    const subscriptions = create();
    subscribe(subscriptions, 1, [entry("a")]);
    take(subscriptions);
    grant(subscriptions, 1, 0);
    subscribe(subscriptions, 2, [entry("b")]);
    unsubscribe(subscriptions, 3, [entry("a")]);
    take(subscriptions);
    restart(subscriptions, counter(10));
    expect(take(subscriptions)).toEqual(["SUBSCRIBE 10 a", "SUBSCRIBE 2 b", "UNSUBSCRIBE 3 a"]);
  });

  it("twice in a row does not ask twice", () => {
    const subscriptions = create();
    subscribe(subscriptions, 1, [entry("a")]);
    take(subscriptions);
    grant(subscriptions, 1, 0);
    restart(subscriptions, counter(10));
    take(subscriptions);
    restart(subscriptions, counter(20));
    expect(take(subscriptions)).toEqual(["SUBSCRIBE 10 a"]);
  });

  it("does not restore what was refused or unsubscribed", () => {
    const subscriptions = create();
    subscribe(subscriptions, 1, [entry("a"), entry("b"), entry("c")]);
    take(subscriptions);
    grant(subscriptions, 1, 0, REFUSED, 0);
    unsubscribe(subscriptions, 2, [entry("c")]);
    take(subscriptions);
    unsubscribed(subscriptions, 2);
    restart(subscriptions, counter(10));
    expect(take(subscriptions)).toEqual(["SUBSCRIBE 10 a"]);
  });

  it("of nothing asks nothing", () => {
    const subscriptions = create();
    restart(subscriptions, counter(1));
    expect(take(subscriptions)).toEqual([]);
  });
});
