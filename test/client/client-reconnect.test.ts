import { describe, expect, it } from "vitest";
import { MqttError, WOULD_BLOCK } from "mqtt-xs";
import { hex, puback, pubcomp, publish, pubrec, pubrel, suback, unsuback } from "../support/packets.js";
import { connected, create, PERSISTENT, reconnect } from "./support.js";

describe("backoff", () => {
  it("doubles the wait with every failure, up to reconnectMaximum, halved here by the jitter", () => {
    const { broker, client, events } = create({ reconnectPeriod: 1_000, reconnectMaximum: 10_000 });
    client.connect();
    for (const [attempt, wait] of [500, 1_000, 2_000, 4_000, 5_000, 5_000].entries()) {
      broker.expectConnecting(attempt + 1);
      broker.transport.refuse();
      expect(broker.clock.untilNext).toBe(wait);
      broker.advance(wait - 1);
      expect(broker.transport.isOpening).toBe(false);
      broker.advance(1);
    }
    broker.expectConnecting(7);
    expect(events).toEqual(Array.from({ length: 6 }, () => ["disconnect", "ERR_SOCKET"]));
  });

  it("asks for another random number each time", () => {
    const numbers = [0.9, 0.1, 0];
    const { broker, client } = create({ random: () => numbers.shift() ?? 0.5 });
    client.connect();
    for (const wait of [900, 200, 0]) {
      broker.transport.refuse();
      expect(broker.clock.untilNext).toBe(wait);
      broker.advance(wait);
    }
    broker.expectConnecting(4);
  });

  it("is not reset by a connection that drops straight after CONNACK", () => {
    const { broker, client } = create();
    client.connect();
    for (const wait of [500, 1_000, 2_000, 4_000]) {
      broker.acceptConnection();
      broker.drop();
      expect(broker.clock.untilNext).toBe(wait);
      broker.advance(wait);
    }
  });

  it.each([
    [9_999, 4_000],
    [10_000, 500],
    [60_000, 500],
  ])("after a connection that lasted %i ms waits %i ms", (lasted, wait) => {
    const { broker, client } = create({ keepalive: 0 });
    client.connect();
    for (const before of [500, 1_000, 2_000]) {
      broker.transport.refuse();
      broker.advance(before);
    }
    broker.acceptConnection();
    broker.advance(lasted);
    broker.drop();
    expect(broker.clock.untilNext).toBe(wait);
  });

  it("takes the time a connection lasted from CONNACK, not from when it was asked for", () => {
    const { broker, client } = create({ keepalive: 0, connectTimeout: 20_000 });
    client.connect();
    broker.transport.refuse();
    broker.advance(500);
    broker.advance(15_000);
    broker.acceptConnection();
    broker.advance(1_000);
    broker.drop();
    expect(broker.clock.untilNext).toBe(1_000);
  });

  it("counts an attempt that never got to CONNACK as a failure, however long ago the last connection was", () => {
    const { broker } = connected({ keepalive: 0 });
    broker.advance(20_000);
    broker.drop();
    broker.advance(500);
    broker.transport.refuse();
    expect(broker.clock.untilNext).toBe(1_000);
  });

  it("works on a clock that wraps meanwhile", () => {
    const { broker } = connected({ keepalive: 0 }, { clockStart: 2 ** 32 - 5_000 });
    broker.advance(10_000);
    broker.drop();
    broker.advance(500);
    broker.acceptConnection();
    broker.advance(100);
    broker.drop();
    expect(broker.clock.untilNext).toBe(1_000); // the second failure in a row
  });

  it("starts over with connect after close", () => {
    const { broker, client } = create();
    client.connect();
    for (const wait of [500, 1_000, 2_000]) {
      broker.transport.refuse();
      broker.advance(wait);
    }
    client.close();
    client.connect();
    broker.transport.refuse();
    expect(broker.clock.untilNext).toBe(500);
  });
});

describe("reconnectPeriod 0", () => {
  it.each([
    ["refused", (broker: ReturnType<typeof create>["broker"]) => broker.transport.refuse(), "ERR_SOCKET"],
    ["timed out", (broker: ReturnType<typeof create>["broker"]) => broker.advance(30_000), "ERR_CONNECT_TIMEOUT"],
  ])("ends with the first attempt that is %s", (_, fail, code) => {
    const { broker, client, events } = create({ reconnectPeriod: 0 });
    client.connect();
    fail(broker);
    expect(events).toEqual([["disconnect", code]]);
    expect(broker.clock.armed).toBe(0);
    client.connect();
    broker.expectConnecting(2);
  });

  it("ends with the connection", () => {
    const { broker, events } = connected({ reconnectPeriod: 0 });
    broker.drop(new MqttError("ERR_SOCKET", "reset by peer", "network"));
    expect(events).toEqual([["disconnect", "ERR_SOCKET"]]);
    expect(broker.clock.armed).toBe(0);
  });
});

describe("connectTimeout", () => {
  it("runs until the stream is open", () => {
    const { broker, client, events } = create({ connectTimeout: 5_000 });
    client.connect();
    broker.advance(4_999);
    broker.expectConnecting(1);
    broker.advance(1);
    broker.expectClosed();
    expect(events).toEqual([["disconnect", "ERR_CONNECT_TIMEOUT"]]);
    broker.advance(500);
    broker.expectConnecting(2);
  });

  it("runs on until CONNACK, on the same count", () => {
    const { broker, client, events } = create({ connectTimeout: 5_000 });
    client.connect();
    broker.advance(3_000);
    broker.transport.accept();
    broker.expect("CONNECT");
    broker.send("20 02 00"); // all but its last byte
    broker.advance(2_000);
    broker.expectClosed();
    expect(events).toEqual([["disconnect", "ERR_CONNECT_TIMEOUT"]]);
  });

  it("ends with CONNACK", () => {
    const { broker, events } = connected({ connectTimeout: 5_000, keepalive: 0 });
    broker.advance(100_000);
    broker.expectOpen();
    expect(events).toEqual([]);
  });
});

describe("a CONNACK that refuses", () => {
  it.each([1, 2, 3, 4, 5])("with code %i is told with it, and followed by another attempt", (returnCode) => {
    const errors: (MqttError | undefined)[] = [];
    const { broker, client } = create({ onDisconnect: (error) => errors.push(error) });
    client.connect();
    broker.acceptConnection({ returnCode });
    broker.expectClosed();
    expect(errors).toEqual([expect.objectContaining({ code: "ERR_CONNECTION_REFUSED", fault: "server", reasonCode: returnCode })]);
    expect(client.connected).toBe(false);
    broker.advance(500);
    broker.acceptConnection();
    expect(client.connected).toBe(true);
  });

  it("with a code the standard does not know breaks the protocol", () => {
    const { broker, client, events } = create();
    client.connect();
    broker.acceptConnection({ returnCode: 6 });
    expect(events).toEqual([["disconnect", "ERR_PROTOCOL"]]);
  });
});

describe("a transport that cannot even be opened", () => {
  it("is an attempt that failed", () => {
    const { broker, client, events } = create();
    client.connect();
    broker.transport.refuse();
    broker.transport.open = () => {
      throw new Error("no sockets left");
    };
    broker.advance(500);
    expect(events).toEqual([
      ["disconnect", "ERR_SOCKET"],
      ["disconnect", "ERR_SOCKET"],
    ]);
    expect(broker.clock.untilNext).toBe(1_000);
  });
});

describe("the same session on another connection", () => {
  it("delivers a received QoS 2 message only once [MQTT-4.3.3-2]", () => {
    const { broker, events } = connected(PERSISTENT);
    broker.send(publish({ topic: "t", payload: "x", qos: 2, identifier: 7 }));
    broker.drop();
    reconnect(broker, { sessionPresent: true });
    broker.send(publish({ topic: "t", payload: "x", qos: 2, identifier: 7, dup: true }));
    broker.expect("PUBREC", { identifier: 7 });
    broker.send(pubrel(7));
    broker.expect("PUBCOMP", { identifier: 7 });
    broker.send(publish({ topic: "t", payload: "y", qos: 2, identifier: 7 })); // another message by now
    expect(events.filter((event) => Array.isArray(event) && event[0] === "message")).toEqual([
      ["message", "t", "x"],
      ["message", "t", "y"],
    ]);
  });

  it("begins a message of several pieces anew", () => {
    const offsets: number[] = [];
    const { broker } = connected({ ...PERSISTENT, packetSize: 32, onMessage: ({ offset }) => offsets.push(offset) });
    const whole = publish({ topic: "t", payload: "x".repeat(60), qos: 2, identifier: 7 });
    broker.send(whole.slice(0, 40));
    broker.drop();
    reconnect(broker, { sessionPresent: true });
    broker.send(whole);
    broker.expect("PUBREC", { identifier: 7 });
    expect(offsets).toEqual([0, 0, 25, 50]);
  });

  it("sends unanswered requests about subscriptions again, and no others", () => {
    const { broker, client } = connected(PERSISTENT);
    client.subscribe({ filter: "a" });
    client.subscribe({ filter: "b" });
    broker.takePackets();
    broker.send(suback(1, 0));
    broker.drop();
    reconnect(broker, { sessionPresent: true });
    broker.expect("SUBSCRIBE", { identifier: 2, subscriptions: [{ topicFilter: "b", qos: 0 }] });
    broker.expectNothing();
  });

  it("may not be present after a CONNECT that asked for a clean one [MQTT-3.2.2-1]", () => {
    const { broker, client, events } = create();
    client.connect();
    broker.acceptConnection({ sessionPresent: true });
    broker.expectClosed();
    expect(events).toEqual([["disconnect", "ERR_PROTOCOL"]]);
  });
});

describe("a session that the server lost", () => {
  it("has subscriptions restored first, then messages sent anew, without DUP", () => {
    const { broker, client, events } = connected(PERSISTENT);
    client.subscribe({ filter: "a", qos: 1 });
    broker.expect("SUBSCRIBE", { identifier: 1 });
    broker.send(suback(1, 1));
    client.publish("t", "1", 1);
    client.publish("t", "2", 2);
    client.publish("t", "3", 2);
    broker.takePackets();
    broker.send(pubrec(3)); // the server has taken message "2" over
    broker.expect("PUBREL", { identifier: 3 });
    broker.drop();
    reconnect(broker);
    broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "a", qos: 1 }] });
    broker.expect("PUBLISH", { identifier: 2, dup: false, payload: "1" });
    broker.expect("PUBLISH", { identifier: 4, dup: false, payload: "3" });
    broker.expectNothing();
    expect(events).toContainEqual(["delivered", 3]);
  });

  it("remembers no received QoS 2 identifiers", () => {
    const { broker, events } = connected(PERSISTENT);
    const message = publish({ topic: "t", payload: "x", qos: 2, identifier: 7 });
    broker.send(message);
    broker.drop();
    reconnect(broker);
    broker.send(message);
    expect(events.filter((event) => Array.isArray(event) && event[0] === "message").length).toBe(2);
  });

  it("reports a subscription that it refuses to restore, and stays connected", () => {
    const { broker, client, events } = connected();
    client.subscribe([{ filter: "a" }, { filter: "b" }], () => undefined);
    broker.expect("SUBSCRIBE", { identifier: 1 });
    broker.send(suback(1, 0, 0));
    broker.drop();
    reconnect(broker);
    const { identifier } = broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "a", qos: 0 }] });
    broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "b", qos: 0 }] });
    broker.send(suback(identifier, 0x80));
    expect(events.at(-1)).toEqual(["error", "ERR_SUBSCRIPTION_REFUSED"]);
    broker.expectOpen();
  });

  it("does not restore what was unsubscribed", () => {
    const { broker, client } = connected();
    client.subscribe({ filter: "a" });
    client.subscribe({ filter: "b" });
    broker.send(suback(1, 0));
    broker.send(suback(2, 0));
    client.unsubscribe("a");
    broker.takePackets();
    broker.send(unsuback(3));
    broker.drop();
    reconnect(broker);
    broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "b", qos: 0 }] });
    broker.expectNothing();
  });
});

describe("published while not connected", () => {
  it("QoS 1 and 2 wait in their slots, in order, up to the limit; QoS 0 does not", () => {
    const { broker, client } = create({ inflight: 2 });
    expect(client.publish("t", "1", 1)).toBe(1);
    expect(client.publish("t", "2", 2)).toBe(2);
    expect(client.publish("t", "3", 1)).toBe(WOULD_BLOCK);
    expect(client.publish("t", "0", 0)).toBe(WOULD_BLOCK);
    expect(client.inflight).toBe(2);
    client.connect();
    broker.acceptConnection();
    broker.expect("PUBLISH", { payload: "1", qos: 1, identifier: 1, dup: false });
    broker.expect("PUBLISH", { payload: "2", qos: 2, identifier: 2, dup: false });
    broker.expectNothing();
  });

  it("waits also between connections, without DUP, behind what was sent before", () => {
    const { broker, client } = connected(PERSISTENT);
    client.publish("t", "1", 1);
    broker.expect("PUBLISH", { dup: false });
    broker.drop();
    client.publish("t", "2", 1);
    reconnect(broker, { sessionPresent: true });
    broker.expect("PUBLISH", { payload: "1", dup: true });
    broker.expect("PUBLISH", { payload: "2", dup: false });
    broker.send(puback(1));
    broker.send(puback(2));
    expect(client.inflight).toBe(0);
  });

  it("does not go out before CONNACK", () => {
    const { broker, client } = create();
    client.connect();
    client.publish("t", "1", 1);
    client.subscribe({ filter: "a" });
    broker.transport.accept();
    broker.expect("CONNECT");
    client.publish("t", "2", 1);
    broker.expectNothing();
    broker.send(hex("20 02 00 00"));
    expect(broker.takePackets().map(({ type }) => type)).toEqual(["SUBSCRIBE", "PUBLISH", "PUBLISH"]);
  });
});

it("PUBREL goes on after any number of reconnects, until PUBCOMP", () => {
  const { broker, client, events } = connected(PERSISTENT);
  client.publish("t", "x", 2);
  broker.expect("PUBLISH");
  broker.send(pubrec(1));
  broker.expect("PUBREL", { identifier: 1 });
  broker.drop();
  for (const wait of [500, 1_000, 2_000]) {
    broker.advance(wait);
    broker.acceptConnection({ sessionPresent: true });
    broker.expect("PUBREL", { identifier: 1 });
    broker.expectNothing();
    if (wait < 2_000) broker.drop();
  }
  broker.send(pubcomp(1));
  expect(events.at(-1)).toEqual(["delivered", 1]);
});
