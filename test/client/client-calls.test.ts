import { describe, expect, it } from "vitest";
import { type ClientOptions, type PayloadSource, Topic, TopicFilter, WOULD_BLOCK } from "mqtt-xs";
import { connack, puback, utf8 } from "../support/packets.js";
import { connected, create, reconnect } from "./support.js";

/** What a caller without types could pass. */
function untyped(value: unknown): never {
  return value as never;
}

describe("connect", () => {
  it("twice is an error", () => {
    const { broker, client } = create();
    const again = expect.objectContaining({ code: "ERR_STATE", fault: "caller" }) as Error;
    client.connect();
    expect(() => client.connect()).toThrow(again);
    broker.acceptConnection();
    expect(() => client.connect()).toThrow(again);
    broker.drop();
    expect(() => client.connect()).toThrow(again);
    reconnect(broker);
    expect(client.connected).toBe(true);
  });

  it("after close begins anew", () => {
    const { broker, client, events } = connected();
    client.close();
    broker.expect("DISCONNECT");
    client.connect();
    broker.acceptConnection();
    expect(events).toEqual([
      ["disconnect", undefined],
      ["connect", false],
    ]);
  });

  it("while a close still waits for room leaves the rest of it behind", () => {
    const { broker, client, events } = connected();
    broker.transport.room = 0;
    client.publish("t", "x");
    client.close();
    expect(events).toEqual([]);
    client.connect();
    expect(events).toEqual([["disconnect", undefined]]);
    broker.transport.room = 1_000;
    broker.acceptConnection();
    broker.expectNothing();
  });

  it.each<[string, Partial<ClientOptions>, Record<string, unknown>]>([
    ["as little as possible", {}, { clientId: "", clean: true, keepalive: 60, will: undefined, username: undefined, password: undefined }],
    ["a client identifier beyond ASCII", { clientId: "Wärme-№1" }, { clientId: "Wärme-№1" }],
    ["the longest keep alive", { keepalive: 65_535 }, { keepalive: 65_535 }],
    ["credentials", { username: "ü", password: "pä" }, { username: "ü", password: utf8("pä") }],
    ["a password of bytes", { username: "", password: Uint8Array.of(0, 255) }, { username: "", password: Uint8Array.of(0, 255) }],
    [
      "a will of text",
      { will: { topic: "w/ü", payload: "ü", qos: 2, retain: true } },
      { will: { topic: "w/ü", payload: utf8("ü"), qos: 2, retain: true } },
    ],
    [
      "a will of bytes to a prepared topic",
      { will: { topic: new Topic("w"), payload: Uint8Array.of(0) } },
      { will: { topic: "w", payload: Uint8Array.of(0), qos: 0, retain: false } },
    ],
  ])("sends %s", (_, options, expected) => {
    const { broker, client } = create(options);
    client.connect();
    broker.transport.accept();
    expect(broker.expect("CONNECT")).toMatchObject({ protocolName: "MQTT", protocolLevel: 4, ...expected });
    broker.expectNothing();
  });
});

describe("close", () => {
  it("before connect does nothing", () => {
    const { broker, client, events } = create();
    client.close();
    expect(events).toEqual([]);
    expect(broker.transport.opens).toBe(0);
  });

  it("twice is the same as once", () => {
    const { broker, client, events } = connected();
    client.close();
    client.close();
    broker.expect("DISCONNECT");
    broker.expectClosed();
    expect(events).toEqual([["disconnect", undefined]]);
    broker.advance(1_000_000);
    expect(broker.transport.opens).toBe(1);
  });

  it.each([
    ["while the stream opens", () => undefined],
    ["while CONNACK is awaited", ({ broker }: ReturnType<typeof create>) => broker.transport.accept()],
    ["while waiting for the next attempt", ({ broker }: ReturnType<typeof create>) => broker.transport.refuse()],
  ])("%s ends it, without DISCONNECT", (_, prepare) => {
    const setup = create();
    setup.client.connect();
    prepare(setup);
    setup.client.close();
    expect(setup.events.at(-1)).toEqual(["disconnect", undefined]);
    expect(setup.broker.takePackets().map(({ type }) => type)).not.toContain("DISCONNECT");
    expect(setup.broker.clock.armed).toBe(0);
    expect(setup.broker.transport.isOpen || setup.broker.transport.isOpening).toBe(false);
  });

  it("waits for what is written to leave, then tells", () => {
    const { broker, client, events } = connected();
    broker.transport.room = 0;
    client.publish("t", "x");
    client.close();
    expect(events).toEqual([]);
    expect(client.connected).toBe(false);
    expect(client.publish("t", "y", 1)).toBe(WOULD_BLOCK);
    broker.transport.makeRoom(1_000);
    broker.expect("PUBLISH", { payload: "x" });
    broker.expect("DISCONNECT");
    broker.expectClosed();
    expect(events).toEqual([["disconnect", undefined], ["writable"]]); // "y" would find a slot now
  });

  it("waits no longer than 5 seconds", () => {
    const { broker, client, events } = connected();
    broker.transport.room = 0;
    client.publish("t", "x");
    client.close();
    broker.advance(4_999);
    expect(events).toEqual([]);
    broker.advance(1);
    broker.expectClosed();
    expect(events).toEqual([["disconnect", undefined]]);
  });

  it("is no failure when the connection breaks while it waits", () => {
    const { broker, client, events } = connected();
    broker.transport.room = 0;
    client.publish("t", "x");
    client.close();
    broker.drop();
    expect(events).toEqual([["disconnect", undefined]]);
    expect(broker.clock.armed).toBe(0);
  });

  it("keeps undelivered messages for the next connect", () => {
    const { broker, client } = connected({ clean: false, clientId: "c" });
    client.publish("t", "x", 1);
    client.close();
    client.connect();
    broker.acceptConnection({ sessionPresent: true });
    broker.expect("PUBLISH", { payload: "x", dup: true });
    broker.send(puback(1));
    expect(client.inflight).toBe(0);
  });
});

describe("publish", () => {
  it.each<[string, Uint8Array | string | PayloadSource]>([
    ["a number", untyped(42)],
    ["an ArrayBuffer", untyped(new ArrayBuffer(3))],
    ["an object", untyped({})],
    ["a negative length", { length: -1, read: () => 0 }],
  ])("refuses %s for a payload, and sends nothing", (_, payload) => {
    for (const qos of [0, 1] as const) {
      const { broker, client } = connected();
      expect(() => client.publish("t", payload, qos)).toThrow(expect.objectContaining({ code: "ERR_ARGUMENT" }) as Error);
      broker.expectNothing();
      expect(client.inflight).toBe(0);
    }
  });

  it.each([3, -1, 0.5, NaN])("refuses QoS %d", (qos) => {
    const { broker, client } = connected();
    expect(() => client.publish("t", "x", untyped(qos))).toThrow("qos: expected 0, 1 or 2");
    broker.expectNothing();
  });

  it("refuses a filter for a topic, and text that is not Unicode", () => {
    const { broker, client } = connected();
    expect(() => client.publish("a/+", "x")).toThrow(expect.objectContaining({ code: "ERR_TOPIC" }) as Error);
    expect(() => client.publish("a", "\ud800", 1)).toThrow(expect.objectContaining({ code: "ERR_ARGUMENT" }) as Error);
    broker.expectNothing();
    expect(client.inflight).toBe(0);
  });
});

describe("subscribe and unsubscribe", () => {
  it("take one filter or several, as text or prepared", () => {
    const { broker, client } = connected();
    client.subscribe({ filter: "a" });
    client.subscribe([{ filter: new TopicFilter("b/#"), qos: 2 }, { filter: "+", qos: 1 }]);
    client.unsubscribe("a");
    client.unsubscribe([new TopicFilter("b/#"), "+"]);
    broker.expect("SUBSCRIBE", { identifier: 1, subscriptions: [{ topicFilter: "a", qos: 0 }] });
    broker.expect("SUBSCRIBE", { identifier: 2, subscriptions: [{ topicFilter: "b/#", qos: 2 }, { topicFilter: "+", qos: 1 }] });
    broker.expect("UNSUBSCRIBE", { identifier: 3, topicFilters: ["a"] });
    broker.expect("UNSUBSCRIBE", { identifier: 4, topicFilters: ["b/#", "+"] });
  });

  it("refuse what is wrong, and send nothing", () => {
    const { broker, client } = connected();
    expect(() => client.subscribe([])).toThrow("filter: expected at least one");
    expect(() => client.unsubscribe([])).toThrow("filter: expected at least one");
    expect(() => client.subscribe({ filter: "a#" })).toThrow(expect.objectContaining({ code: "ERR_TOPIC_FILTER" }) as Error);
    expect(() => client.subscribe({ filter: "a", qos: untyped(3) })).toThrow("qos: expected 0, 1 or 2");
    expect(() => client.unsubscribe("")).toThrow(expect.objectContaining({ code: "ERR_TOPIC_FILTER" }) as Error);
    broker.expectNothing();
  });

  it("return WOULD_BLOCK past their limit", () => {
    const { client } = connected({ subscriptions: 1 });
    expect(client.subscribe([{ filter: "a" }, { filter: "b" }])).toBe(WOULD_BLOCK);
    expect(client.subscribe({ filter: "a" })).toBeGreaterThan(0);
    expect(client.unsubscribe("a")).toBe(WOULD_BLOCK);
  });
});

describe("keep alive", () => {
  it("of 0 never sends a PINGREQ", () => {
    const { broker } = connected({ keepalive: 0 });
    broker.advance(10_000_000);
    broker.expectNothing();
    broker.expectOpen();
  });

  it("is put off by whatever is sent", () => {
    const { broker, client } = connected({ keepalive: 10 });
    for (let count = 0; count < 10; count++) {
      broker.advance(7_400);
      client.publish("t", "x");
      broker.expect("PUBLISH");
      broker.expectNothing();
    }
    broker.advance(9_000);
    broker.expect("PINGREQ");
  });

  it.each([2 ** 32 - 1, 2 ** 32 - 10_000, 2 ** 32 - 20_000])("works on a clock that starts at %i", (clockStart) => {
    const { broker, events } = connected({ keepalive: 10 }, { clockStart });
    for (let count = 0; count < 5; count++) {
      broker.advance(8_999);
      broker.expectNothing();
      broker.advance(1);
      broker.expect("PINGREQ");
      broker.send("d0 00");
    }
    broker.advance(9_000 + 6_000);
    broker.expect("PINGREQ");
    broker.expectClosed();
    expect(events).toEqual([["disconnect", "ERR_KEEPALIVE_TIMEOUT"]]);
  });

  it("finds a server dead that takes no bytes, too", () => {
    const { broker, client, events } = connected({ keepalive: 10 });
    broker.transport.room = 0;
    client.publish("t", "x");
    broker.advance(15_000);
    expect(events).toEqual([["disconnect", "ERR_KEEPALIVE_TIMEOUT"]]);
  });
});

it("bytes that come with CONNACK in one piece are taken", () => {
  const { broker, client, events } = create();
  client.publish("t", "x", 1);
  client.connect();
  broker.transport.accept();
  broker.sendTogether(connack(), Uint8Array.of(0x30, 3, 0, 1, 0x61));
  expect(events).toEqual([
    ["connect", false],
    ["message", "a", ""],
  ]);
});
