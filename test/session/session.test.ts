import { describe, expect, it } from "vitest";
import { type ClientOptions, Topic, WOULD_BLOCK } from "mqtt-xs";
import { connected, create, PERSISTENT, reconnect } from "../client/support.js";
import { connack, hex, puback, pubcomp, pubrec, suback, unsuback } from "../support/packets.js";

const OPTIONS: Partial<ClientOptions> = { packetSize: 64, inflight: 4, receiveMaximum: 4, subscriptions: 4, keepalive: 0 };
const TOPIC = new Topic("t");
const PAYLOAD = Uint8Array.of(0x78);

describe("packet identifiers (2.3.1)", () => {
  it("increase, and wrap from 65,535 to 1", () => {
    const { broker, client } = connected({ ...OPTIONS, onDelivered: () => undefined });
    const identifiers: number[] = [];
    for (let count = 0; count < 65_537; count++) {
      const identifier = client.publish(TOPIC, PAYLOAD, 1);
      identifiers.push(identifier);
      broker.transport.takeSent();
      broker.send(puback(identifier));
    }
    expect(identifiers.slice(0, 3)).toEqual([1, 2, 3]);
    expect(identifiers.slice(65_534)).toEqual([65_535, 1, 2]);
    expect(new Set(identifiers).size).toBe(65_535);
  });

  it("skip those in use, by messages and by requests about subscriptions", () => {
    const { broker, client } = connected({ ...OPTIONS, onDelivered: () => undefined });
    expect(client.publish(TOPIC, PAYLOAD, 1)).toBe(1);
    expect(client.publish(TOPIC, PAYLOAD, 2)).toBe(2);
    expect(client.subscribe({ filter: "a" })).toBe(3);
    expect(client.unsubscribe("a")).toBe(4);
    broker.takePackets();
    broker.send(pubrec(2)); // still in use, until PUBCOMP
    for (let identifier = 5; identifier <= 65_535; identifier++) {
      if (client.publish(TOPIC, PAYLOAD, 1) !== identifier) expect.fail(`not ${identifier}`);
      broker.transport.takeSent();
      broker.send(puback(identifier));
    }
    expect(client.publish(TOPIC, PAYLOAD, 1)).toBe(5);
  });
});

describe("what goes out", () => {
  it("is nothing but CONNECT until CONNACK", () => {
    const { broker, client } = create(OPTIONS);
    client.publish(TOPIC, PAYLOAD, 1);
    client.connect();
    broker.transport.accept();
    broker.expect("CONNECT");
    broker.expectNothing();
    broker.send(connack());
    broker.expect("PUBLISH");
    broker.expectNothing();
  });

  it("is requests about subscriptions before messages of QoS 1 and 2", () => {
    const { broker, client } = connected(OPTIONS);
    broker.transport.room = 0;
    client.publish(TOPIC, PAYLOAD, 1);
    client.subscribe({ filter: "a" });
    broker.transport.makeRoom(1_000);
    broker.expect("SUBSCRIBE");
    broker.expect("PUBLISH");
  });

  it("ends with DISCONNECT, nothing after it [MQTT-3.14.4-2]", () => {
    const { broker, client } = connected(OPTIONS);
    broker.transport.room = 0;
    client.publish(TOPIC, "last");
    client.close();
    expect(client.publish(TOPIC, PAYLOAD)).toBe(WOULD_BLOCK);
    expect(client.publish(TOPIC, PAYLOAD, 1)).toBe(WOULD_BLOCK);
    client.subscribe({ filter: "a" });
    broker.transport.makeRoom(1_000);
    broker.expect("PUBLISH", { payload: "last" });
    broker.expect("DISCONNECT");
    broker.expectClosed();
  });
});

describe("the largest packet", () => {
  const LARGEST = 268_435_455;
  const source = (length: number) => ({ length, read: () => 0 });

  it.each([0, 1, 2] as const)("is one that Remaining Length can say, QoS %i", (qos) => {
    const { broker, client } = connected(OPTIONS);
    const head = qos === 0 ? 2 + 1 : 2 + 1 + 2; // the topic, and the identifier
    expect(() => client.publish(TOPIC, source(LARGEST + 1 - head), qos)).toThrow(
      expect.objectContaining({ code: "ERR_PACKET_SIZE", fault: "caller" }) as Error,
    );
    broker.expectNothing();
    expect(client.inflight).toBe(0);
    expect(client.publish(TOPIC, source(LARGEST - head), qos)).toBeGreaterThanOrEqual(0);
    expect(broker.transport.sent.slice(1, 5)).toEqual(hex("ff ff ff 7f"));
  });

  it("has a head that fits packetSize", () => {
    const { broker, client } = connected(OPTIONS);
    const fits = new Topic("t".repeat(64 - 2 - 2));
    const tooLong = new Topic("t".repeat(64 - 2));
    const refusal = expect.objectContaining({ code: "ERR_PACKET_SIZE", message: expect.stringContaining("64 is the limit") as string }) as Error;
    for (const qos of [0, 1, 2] as const) expect(() => client.publish(tooLong, source(10), qos)).toThrow(refusal);
    expect(client.inflight).toBe(0);
    broker.expectNothing();
    expect(client.publish(fits, source(10))).toBe(0);
  });
});

describe("a broken connection", () => {
  it("takes nothing of what outlives it away", () => {
    const { broker, client, events } = connected({ ...OPTIONS, ...PERSISTENT });
    client.publish(TOPIC, PAYLOAD, 1);
    client.publish(TOPIC, PAYLOAD, 2);
    broker.takePackets();
    broker.send(pubrec(2));
    broker.drop();
    expect(client.inflight).toBe(2);
    reconnect(broker, { sessionPresent: true });
    broker.expect("PUBLISH", { identifier: 1, dup: true });
    broker.expect("PUBREL", { identifier: 2 });
    broker.expectNothing();
    broker.send(puback(1));
    broker.send(pubcomp(2));
    expect(events).toEqual([
      ["disconnect", "ERR_CONNECTION_CLOSED"],
      ["connect", true],
      ["delivered", 1],
      ["delivered", 2],
    ]);
  });

  it("ends a packet that was cut off, and one that was to be sent", () => {
    const { broker, client, events } = connected(OPTIONS);
    broker.transport.room = 0;
    client.publish(TOPIC, PAYLOAD);
    broker.send("40 02 00");
    broker.drop();
    broker.transport.room = 1_000;
    reconnect(broker);
    broker.expectNothing();
    expect(events).toEqual([
      ["disconnect", "ERR_CONNECTION_CLOSED"],
      ["connect", false],
    ]);
  });
});

describe("before CONNACK", () => {
  it.each(["40 02 00 01", "30 03 00 01 61", "d0 00", "90 03 00 01 00"])("%s breaks the protocol", (bytes) => {
    const { broker, client, events } = create(OPTIONS);
    client.connect();
    broker.transport.accept();
    broker.send(bytes);
    expect(events).toEqual([["disconnect", "ERR_PROTOCOL"]]);
  });
});

describe("packet identifier 0 breaks the protocol [MQTT-2.3.1-1]", () => {
  it.each([
    ["PUBACK", "40 02 00 00"],
    ["PUBREC", "50 02 00 00"],
    ["PUBREL", "62 02 00 00"],
    ["PUBCOMP", "70 02 00 00"],
    ["SUBACK", "90 03 00 00 00"],
    ["UNSUBACK", "b0 02 00 00"],
    ["PUBLISH of QoS 1", "32 05 00 01 61 00 00"],
    ["PUBLISH of QoS 2", "34 05 00 01 61 00 00"],
  ])("in a %s", (_, bytes) => {
    const { broker, events } = connected(OPTIONS);
    broker.send(bytes);
    expect(events).toEqual([["disconnect", "ERR_PROTOCOL"]]);
  });

  it.each([1, 256, 65_535])("and %i, which nobody waits for, does not", (identifier) => {
    const { broker, events } = connected(OPTIONS);
    broker.sendTogether(puback(identifier), pubrec(identifier), pubcomp(identifier), suback(identifier, 0), unsuback(identifier));
    expect(events).toEqual([]);
    broker.expectOpen();
  });
});
