import { describe, expect, it } from "vitest";
import { Properties, Topic, type Authenticator, type ClientOptions } from "mqtt-xs/v5";
import type { MqttError } from "../../../src/errors.js";
import {
  auth,
  connack,
  disconnect,
  packet,
  pingresp,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  suback,
  unsuback,
} from "../../support/v5/packets.js";
import {
  awaitingConnack,
  connect,
  deliveries,
  expectClosedBy,
  expectNotConnectedBy,
  expectRefused,
  type Fixture,
  PERSISTENT,
  reconnect,
  start,
} from "./support.js";

const NAMED = { clientId: "c" } as const;

const METHOD: Authenticator = { method: "m", begin: () => undefined, challenge: () => undefined, finish: () => undefined };

/** Table 3-1 of the standard. */
const REFUSALS = [
  0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x90, 0x95, 0x97, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9f,
];

/** Has something wait to be sent. */
function waiting({ client }: Fixture): void {
  client.publish("t", "waits", 1);
  client.subscribe({ filter: "a" });
}

describe("3.2 CONNACK", () => {
  const OTHERS = {
    "PUBLISH with QoS 0": publish({ topic: "t" }),
    "PUBLISH with QoS 1": publish({ topic: "t", qos: 1 }),
    "PUBLISH with QoS 2": publish({ topic: "t", qos: 2 }),
    "PUBLISH larger than the buffer": publish({ topic: "t", payload: new Uint8Array(1000) }),
    PUBACK: puback(1),
    "PUBACK with a reason": puback(1, 0x80, [["reasonString", "no"]]),
    PUBREC: pubrec(1),
    PUBREL: pubrel(1),
    PUBCOMP: pubcomp(1),
    SUBACK: suback(1, 0),
    UNSUBACK: unsuback(1, 0),
    PINGRESP: pingresp(),
    DISCONNECT: disconnect(),
    "DISCONNECT with a reason": disconnect(0x87, [["reasonString", "no"]]),
  };
  for (const [name, bytes] of Object.entries(OTHERS))
    it(`MQTT-3.2.0-1: closes on ${name} before CONNACK`, () => {
      expectNotConnectedBy(bytes, "ERR_PROTOCOL", 0x82, NAMED, waiting);
      expectNotConnectedBy(bytes, "ERR_PROTOCOL", 0x82, { ...NAMED, authenticator: METHOD }, waiting);
    });

  it("MQTT-3.2.0-1: closes on AUTH before CONNACK that was not asked for, or that ends what CONNACK must end", () => {
    const more = auth(0x18, [["authenticationMethod", "m"]]);
    expectNotConnectedBy(more, "ERR_PROTOCOL", 0x82, NAMED, waiting);
    for (const bytes of [auth(0, [["authenticationMethod", "m"]]), auth(0), auth(0x19, [["authenticationMethod", "m"]])])
      expectNotConnectedBy(bytes, "ERR_PROTOCOL", 0x82, { ...NAMED, authenticator: METHOD }, waiting);
  });

  it("MQTT-3.2.0-1: takes what follows CONNACK, in the same piece too", () => {
    const { broker, events } = awaitingConnack(NAMED);
    broker.sendTogether(connack(), publish({ topic: "t", payload: "x", qos: 1, identifier: 7 }));
    broker.expect("PUBACK", { identifier: 7 });
    expect(events).toEqual(["connected", "message t: x"]);
  });

  for (const reasonCode of [0, 0x80, 0x87, 1])
    it(`MQTT-3.2.0-2: closes on a second CONNACK, with reason code ${reasonCode}`, () => {
      expectClosedBy(connack({ reasonCode }), "ERR_PROTOCOL", 0x82);
      expectClosedBy(connack({ reasonCode, sessionPresent: true }), "ERR_PROTOCOL", 0x82, PERSISTENT);
      expectClosedBy(connack({ reasonCode, properties: [["receiveMaximum", 1]] }), "ERR_PROTOCOL", 0x82);
    });

  it("MQTT-3.2.0-2: closes on a second CONNACK in the same piece as the first", () => {
    const { broker, events } = awaitingConnack({ ...NAMED, reconnectPeriod: 0 });
    broker.sendTogether(connack(), connack({ properties: [["receiveMaximum", 1]] }));
    broker.expectBytes("e0 01 82");
    broker.expectClosed();
    expect(events).toEqual(["connected", "disconnected ERR_PROTOCOL"]);
  });
});

describe("3.2.2.1 Connect Acknowledge Flags", () => {
  it("MQTT-3.2.2-1: closes on reserved bits, whatever the reason code and Session Present", () => {
    for (let flags = 2; flags < 256; flags++)
      for (const reasonCode of [0, 0x80])
        expectNotConnectedBy(packet(0x20, Uint8Array.of(flags, reasonCode, 0)), "ERR_MALFORMED_PACKET", 0x81, PERSISTENT);
  });

  for (const clean of [false, true])
    for (const reasonCode of REFUSALS)
      it(`MQTT-3.2.2-6: 0x${reasonCode.toString(16)} with Session Present 1 is a refusal, ${clean ? "" : "not "}clean`, () => {
        const answer = connack({ sessionPresent: true, reasonCode });
        expectNotConnectedBy(answer, "ERR_CONNECTION_REFUSED", undefined, { clean, clientId: "c" }, waiting);
      });

  it("MQTT-3.2.2-6: a refusal changes nothing of the session, whatever its Session Present", () => {
    for (const sessionPresent of [false, true]) {
      const fixture = connect(PERSISTENT);
      const { broker, client } = fixture;
      client.publish("t", "x", 2);
      broker.expect("PUBLISH");
      broker.send(pubrec(1));
      broker.expect("PUBREL");
      broker.drop();
      broker.advance(0);
      broker.acceptConnection({ sessionPresent, reasonCode: 0x88 });
      broker.advance(0);
      expect(broker.acceptConnection({ sessionPresent: true }).cleanStart).toBe(false);
      broker.expect("PUBREL", { identifier: 1 });
      broker.expectNothing();
    }
  });
});

describe("3.2.2.2 Connect Reason Code", () => {
  for (const reasonCode of REFUSALS) {
    it(`MQTT-3.2.2-7: 0x${reasonCode.toString(16)} is a refusal: nothing more is sent, the connection is closed`, () => {
      expectNotConnectedBy(connack({ reasonCode }), "ERR_CONNECTION_REFUSED", undefined, NAMED, waiting);
      expectNotConnectedBy(connack({ reasonCode }), "ERR_CONNECTION_REFUSED", undefined, {}, waiting); // no identifier needed
      expectNotConnectedBy(connack({ reasonCode }), "ERR_CONNECTION_REFUSED", undefined, { ...NAMED, authenticator: METHOD });
    });

    it(`MQTT-3.2.2-7: the error tells 0x${reasonCode.toString(16)} and the server's reason`, () => {
      const errors: (MqttError | undefined)[] = [];
      const seen: unknown[] = [];
      const { broker } = awaitingConnack({
        ...NAMED,
        reconnectPeriod: 0,
        onDisconnect: (error, received) => {
          errors.push(error);
          seen.push(received.get("reasonString"), received.get("userProperties"), received.get("serverReference"));
        },
      });
      broker.send(
        connack({
          reasonCode,
          properties: [["reasonString", "Because."], ["userProperty", ["a", "b"]], ["serverReference", "other:1883"]],
        }),
      );
      expect(errors).toEqual([
        expect.objectContaining({
          code: "ERR_CONNECTION_REFUSED",
          reasonCode,
          fault: "server",
          message: expect.stringContaining("Because.") as string,
        }),
      ]);
      expect(seen).toEqual(["Because.", [["a", "b"]], "other:1883"]);
    });
  }

  it("MQTT-3.2.2-7: a client that was refused loses nothing that waits", () => {
    const { broker, client } = start(PERSISTENT);
    client.publish("t", "x", 1);
    broker.acceptConnection({ reasonCode: 0x89 });
    broker.advance(0);
    broker.acceptConnection();
    broker.expect("PUBLISH", { payload: "x", dup: false });
  });

  it("MQTT-3.2.2-7: limits in a refusal are not those of the next connection", () => {
    const { broker, client } = start(PERSISTENT);
    broker.acceptConnection({ reasonCode: 0x89, properties: [["receiveMaximum", 1], ["maximumQoS", 0], ["serverKeepAlive", 1]] });
    broker.advance(0);
    broker.acceptConnection();
    client.publish("t", "1", 1);
    client.publish("t", "2", 2);
    expect(broker.takePackets()).toHaveLength(2);
    expect(client.server).toMatchObject({ receiveMaximum: 65_535, maximumQoS: 2, keepalive: undefined });
    broker.advance(10_000);
    broker.expectNothing();
  });

  it("MQTT-3.2.2-7: a connection closed without CONNACK is one that failed", () => {
    const { broker, client, events } = awaitingConnack();
    broker.drop();
    expect(events).toEqual(["disconnected ERR_CONNECTION_CLOSED"]);
    expect(client.connected).toBe(false);
    broker.advance(0);
    broker.expectConnecting(2);
  });

  it("MQTT-3.2.2-8: closes on every reason code that no server may send", () => {
    for (let reasonCode = 1; reasonCode < 256; reasonCode++)
      if (!REFUSALS.includes(reasonCode))
        expectNotConnectedBy(connack({ reasonCode }), "ERR_PROTOCOL", 0x82, NAMED, waiting);
  });

  it("3.2.2.2: the refusal of a server that speaks nothing but 3.1.1 is told as a refusal", () => {
    const errors: (MqttError | undefined)[] = [];
    const { broker } = awaitingConnack({ ...NAMED, reconnectPeriod: 0, onDisconnect: (error) => errors.push(error) });
    broker.send("20 02 00 01");
    broker.expectClosed();
    expect(errors).toEqual([expect.objectContaining({ code: "ERR_CONNECTION_REFUSED", reasonCode: 0x84 })]);
  });
});

describe("3.2.2.3.3 Receive Maximum", () => {
  it("3.2.2.3.3: no more QoS 1 and 2 messages are under way than the server takes; without one, 65,535", () => {
    for (const receiveMaximum of [1, 2, 3]) {
      const { broker, client } = connect({ inflight: 4 }, {}, { properties: [["receiveMaximum", receiveMaximum]] });
      expect(client.server.receiveMaximum).toBe(receiveMaximum);
      for (let count = 0; count < 4; count++) client.publish("t", String(count), 1);
      for (let count = 0; count < receiveMaximum; count++) broker.expect("PUBLISH", { payload: String(count) });
      broker.expectNothing();
      broker.send(puback(1));
      broker.expect("PUBLISH", { payload: String(receiveMaximum) });
      broker.expectNothing();
    }
    const { broker, client } = connect({ inflight: 4 });
    for (let count = 0; count < 4; count++) client.publish("t", "", 1);
    expect(broker.takePackets()).toHaveLength(4);
  });
});

describe("3.2.2.3.4 Maximum QoS", () => {
  const limited = (maximumQoS: 0 | 1, options: Partial<ClientOptions> = {}): Fixture =>
    connect({ ...NAMED, ...options }, {}, { properties: [["maximumQoS", maximumQoS]] });

  it("MQTT-3.2.2-11: refuses to publish above it, says 0x9b, and sends nothing", () => {
    for (const [maximumQoS, refused, taken] of [[0, [1, 2], [0]], [1, [2], [0, 1]]] as const) {
      const { broker, client } = limited(maximumQoS);
      expect(client.server.maximumQoS).toBe(maximumQoS);
      for (const qos of refused) {
        expectRefused(() => client.publish("t", "x", qos), "ERR_NOT_SUPPORTED");
        expect(() => client.publish("t", "x", qos)).toThrow(expect.objectContaining({ reasonCode: 0x9b, fault: "caller" }));
      }
      expect(client.inflight).toBe(0);
      broker.expectNothing();
      for (const qos of taken) {
        client.publish("t", "x", qos);
        broker.expect("PUBLISH", { qos });
      }
      broker.expectOpen();
    }
  });

  it("MQTT-3.2.2-11: what was stored before it was known is settled with 0x9b, and never sent", () => {
    for (const maximumQoS of [0, 1] as const) {
      const { broker, client, events } = awaitingConnack({ ...NAMED, inflight: 6 });
      for (const qos of [1, 2, 1, 2] as const) client.publish("t", String(qos), qos);
      broker.send(connack({ properties: [["maximumQoS", maximumQoS]] }));
      const sent = broker.takePackets();
      expect(sent.map((each) => (each.type === "PUBLISH" ? each.qos : each.type))).toEqual(maximumQoS === 0 ? [] : [1, 1]);
      const settled = maximumQoS === 0 ? [1, 2, 3, 4] : [2, 4];
      expect(deliveries({ events })).toEqual(settled.map((each) => `delivered ${each} 0x9b`));
      expect(client.inflight).toBe(maximumQoS === 0 ? 0 : 2);
    }
  });

  it("MQTT-3.2.2-11: what an earlier connection could send and a later one cannot is settled, and not sent again", () => {
    const fixture = connect(PERSISTENT);
    const { broker, client, events } = fixture;
    client.publish("t", "x", 2);
    client.publish("t", "y", 1);
    broker.transport.takeSent();
    reconnect(fixture, { sessionPresent: true, properties: [["maximumQoS", 1]] });
    broker.expect("PUBLISH", { qos: 1, payload: "y", dup: true });
    broker.expectNothing();
    expect(events).toContain("delivered 1 0x9b");
  });

  it("MQTT-3.2.2-11: it forbids PUBLISH, and not to finish with PUBREL what the server has taken over", () => {
    const fixture = connect(PERSISTENT);
    const { broker, client } = fixture;
    client.publish("t", "x", 2);
    broker.expect("PUBLISH");
    broker.send(pubrec(1));
    broker.expect("PUBREL");
    reconnect(fixture, { sessionPresent: true, properties: [["maximumQoS", 0]] });
    broker.expect("PUBREL", { identifier: 1 });
    broker.send(pubcomp(1));
    expect(fixture.events).toContain("delivered 1");
  });

  it("MQTT-3.2.2-11: it holds for one connection: without it in the next CONNACK, all are taken again", () => {
    const fixture = limited(0);
    reconnect(fixture);
    expect(fixture.client.server.maximumQoS).toBe(2);
    fixture.client.publish("t", "x", 2);
    fixture.broker.expect("PUBLISH", { qos: 2 });
  });

  it("3.2.2.3.4: subscriptions may ask for any QoS all the same", () => {
    const { broker, client } = limited(0);
    client.subscribe({ filter: "a", qos: 2 });
    broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "a", qos: 2 }] });
  });
});

describe("3.2.2.3.5 Retain Available", () => {
  it("MQTT-3.2.2-14: where it is 0, refuses to publish with RETAIN, says 0x9a, and sends nothing", () => {
    const { broker, client } = connect({}, {}, { properties: [["retainAvailable", 0]] });
    expect(client.server.retainAvailable).toBe(false);
    for (const qos of [0, 1, 2] as const)
      expect(() => client.publish("t", "x", qos, true)).toThrow(
        expect.objectContaining({ code: "ERR_NOT_SUPPORTED", reasonCode: 0x9a, fault: "caller" }),
      );
    broker.expectNothing();
    client.publish("t", "x", 0, false);
    broker.expect("PUBLISH", { retain: false });
  });

  it("MQTT-3.2.2-14: where it is 1 or absent, publishes with RETAIN", () => {
    for (const answer of [{}, { properties: [["retainAvailable", 1]] }] as const) {
      const { broker, client } = connect({}, {}, answer);
      expect(client.server.retainAvailable).toBe(true);
      client.publish("t", "x", 0, true);
      broker.expect("PUBLISH", { retain: true });
    }
  });

  it("MQTT-3.2.2-14: what was stored before it was known is settled with 0x9a, and never sent", () => {
    const { broker, client, events } = awaitingConnack(NAMED);
    client.publish("t", "1", 1, true);
    client.publish("t", "2", 2, true);
    client.publish("t", "3", 1, false);
    broker.send(connack({ properties: [["retainAvailable", 0]] }));
    broker.expect("PUBLISH", { payload: "3", retain: false });
    broker.expectNothing();
    expect(deliveries({ events })).toEqual(["delivered 1 0x9a", "delivered 2 0x9a"]);
  });
});

describe("3.2.2.3.6 Maximum Packet Size", () => {
  const limited = (maximumPacketSize: number, options: Partial<ClientOptions> = {}): Fixture =>
    connect({ ...NAMED, ...options }, {}, { properties: [["maximumPacketSize", maximumPacketSize]] });

  for (const size of [16, 64, 129, 130, 131, 400, 2_000])
    for (const qos of [0, 1, 2] as const)
      it(`MQTT-3.2.2-15: of ${size} bytes: publishes with QoS ${qos} as many, refuses one more`, () => {
        const { broker, client } = limited(size);
        expect(client.server.maximumPacketSize).toBe(size);
        for (let length = Math.max(0, size - 14); ; length++) {
          const expected = publish({ topic: "t", qos, payload: new Uint8Array(length) }).length;
          const act = (): number => client.publish("t", new Uint8Array(length), qos);
          if (expected > size) {
            expectRefused(act, "ERR_PACKET_SIZE");
            break;
          }
          const identifier = act();
          expect(broker.expect("PUBLISH").bytes).toHaveLength(expected);
          if (qos === 1) broker.send(puback(identifier));
          if (qos === 2) broker.send(pubrec(identifier, 0x80));
        }
        broker.expectNothing();
        broker.expectOpen();
      });

  it("MQTT-3.2.2-15: a topic's alias does not lift a packet over it", () => {
    for (let length = 1; length < 40; length++) {
      const { broker, client } = connect(NAMED, {}, { properties: [["maximumPacketSize", 30], ["topicAliasMaximum", 5]] });
      const topic = new Topic("abcdefgh");
      for (let again = 0; again < 3; again++)
        for (const qos of [0, 1] as const)
          try {
            client.publish(topic, new Uint8Array(length), qos);
          } catch (error) {
            expect(error).toMatchObject({ code: "ERR_PACKET_SIZE" });
          }
      for (const { bytes } of broker.takePackets()) expect(bytes.length).toBeLessThanOrEqual(30);
    }
  });

  it("MQTT-3.2.2-15: what was stored before it was known is settled with 0x95, and never sent", () => {
    for (const payload of [new Uint8Array(100), { length: 100_000, read: () => 0 }]) {
      const { broker, client, events } = awaitingConnack(NAMED);
      client.publish("t", payload, 1);
      client.publish("t", "small", 1);
      broker.send(connack({ properties: [["maximumPacketSize", 50]] }));
      broker.expect("PUBLISH", { payload: "small" });
      broker.expectNothing();
      expect(deliveries({ events })).toEqual(["delivered 1 0x95"]);
      expect(client.inflight).toBe(1);
    }
  });

  it("MQTT-3.2.2-15: SUBSCRIBE, UNSUBSCRIBE and DISCONNECT stay within it", () => {
    for (const size of [20, 30, 40]) {
      const { broker, client } = limited(size, { subscriptions: 50 });
      const pairs = new Properties({ userProperties: { name: "0123456789" } });
      for (let length = 1; length < 50; length++)
        for (const properties of [undefined, pairs])
          for (const act of [
            () => client.subscribe({ filter: "f".repeat(length) }, () => undefined, properties),
            () => client.unsubscribe("f".repeat(length), () => undefined, properties),
          ]) {
            try {
              act();
            } catch (error) {
              expect(error).toMatchObject({ code: "ERR_PACKET_SIZE" });
            }
            for (const sent of broker.takePackets()) {
              expect(sent.bytes.length).toBeLessThanOrEqual(size);
              if (sent.type === "SUBSCRIBE") broker.send(suback(sent.identifier, 0x80));
              if (sent.type === "UNSUBSCRIBE") broker.send(unsuback(sent.identifier, 0));
            }
          }
      client.close(4, new Properties({ sessionExpiryInterval: 0, reasonString: "a".repeat(100) }));
      expect(broker.expect("DISCONNECT", { reasonCode: 4 }).bytes.length).toBeLessThanOrEqual(size);
    }
  });

  it("MQTT-3.2.2-15: requests made before it was known are answered as a refusal, and not sent", () => {
    const { broker, client } = awaitingConnack(NAMED);
    const done: string[] = [];
    client.subscribe({ filter: "f".repeat(60) }, (codes) => done.push([...codes].join()));
    client.subscribe({ filter: "short" });
    broker.send(connack({ properties: [["maximumPacketSize", 40]] }));
    broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "short" }] });
    broker.expectNothing();
    expect(done).toEqual([String(0x95)]);
  });

  it("MQTT-3.2.2-15: filters that a lost session has to ask for again stay within it", () => {
    const fixture = connect(NAMED);
    const { broker, client } = fixture;
    client.subscribe({ filter: "f".repeat(60) });
    broker.expect("SUBSCRIBE");
    broker.send(suback(1, 0));
    reconnect(fixture, { properties: [["maximumPacketSize", 40]] });
    broker.expectNothing();
    broker.expectOpen();
  });

  for (const size of [1, 2, 3, 4, 5, 6, 10])
    it(`MQTT-3.2.2-15: even where it is ${size}, no packet of any kind is larger`, () => {
      const { broker, client } = awaitingConnack({
        ...NAMED,
        keepalive: 1,
        reconnectPeriod: 0,
        onMessage: (message) => (message.reasonCode = message.text() === "refuse" ? 0x87 : 0),
      });
      const steps: (() => void)[] = [
        () => broker.send(connack({ properties: [["maximumPacketSize", size]] })),
        () => broker.advance(950),
        () => broker.send(pingresp()),
        () => broker.send(publish({ topic: "t", qos: 1, identifier: 1 })),
        () => broker.send(publish({ topic: "t", payload: "refuse", qos: 1, identifier: 2 })),
        () => broker.send(publish({ topic: "t", qos: 2, identifier: 3 })),
        () => broker.send(pubrel(3)),
        () => broker.send(pubrel(4)),
        () => broker.send(pubrec(5)),
        () => client.close(4),
      ];
      for (const step of steps) {
        if (broker.transport.isOpen) step();
        for (const sent of broker.takePackets()) expect(sent.bytes.length, sent.type).toBeLessThanOrEqual(size);
      }
    });
});

describe("3.2.2.3.7 Assigned Client Identifier", () => {
  it("MQTT-3.2.2-16: closes where a client without an identifier is not given one", () => {
    for (const clean of [true, false])
      for (const options of [{}, { clientId: "" }]) {
        expectNotConnectedBy(connack(), "ERR_PROTOCOL", 0x82, { clean, ...options }, waiting);
        expectNotConnectedBy(connack({ properties: [["receiveMaximum", 5]] }), "ERR_PROTOCOL", 0x82, { clean, ...options });
      }
  });

  it("MQTT-3.2.2-16: closes where it is given an empty one", () => {
    for (const clean of [true, false])
      expectNotConnectedBy(connack({ properties: [["assignedClientIdentifier", ""]] }), "ERR_PROTOCOL", 0x82, { clean });
  });

  it("MQTT-3.2.2-16: a client that has been given one needs none on later connections", () => {
    const { broker, client, events } = connect({ clean: false });
    broker.drop();
    broker.advance(0);
    broker.transport.accept();
    broker.expect("CONNECT", { clientId: "assigned" });
    broker.send(connack({ sessionPresent: true }));
    expect(client.connected).toBe(true);
    expect(events.at(-1)).toBe("connected, session present");
  });

  it("3.2.2.3.7: whatever a server assigns to a client that had an identifier, CONNECT and clientId agree", () => {
    const { broker, client } = connect(PERSISTENT, {}, { properties: [["assignedClientIdentifier", "other"]] });
    const { clientId } = client;
    broker.drop();
    broker.advance(0);
    expect(broker.acceptConnection({ sessionPresent: true }).clientId).toBe(clientId);
  });
});

describe("3.2.2.3.8 Topic Alias Maximum", () => {
  it("MQTT-3.2.2-17: aliases that are assigned stay within it, and within our own number of them", () => {
    for (const [maximum, topicAliases, expected] of [[1, 8, 1], [3, 8, 3], [65_535, 8, 8], [65_535, 2, 2], [5, 0, 0]] as const) {
      const { broker, client } = connect({ ...NAMED, topicAliases }, {}, { properties: [["topicAliasMaximum", maximum]] });
      expect(client.server.topicAliasMaximum).toBe(maximum);
      const topics = Array.from({ length: 12 }, (_, index) => new Topic(`t${index}`));
      for (let round = 0; round < 2; round++) for (const topic of topics) client.publish(topic, "");
      const aliases = broker.takePackets().map((sent) => (sent.type === "PUBLISH" ? (sent.properties.topicAlias ?? 0) : -1));
      expect(aliases).toHaveLength(24);
      expect(Math.max(...aliases)).toBe(expected);
      expect(new Set(aliases.filter((alias) => alias > 0)).size).toBe(expected);
    }
  });

  it("MQTT-3.2.2-17: an alias chosen by hand is left out where the server takes none so high", () => {
    for (const [alias, isUsed] of [[1, true], [4, true], [5, true], [6, false], [65_535, false]] as const) {
      const { broker, client } = connect({ ...NAMED, topicAliases: 100 }, {}, { properties: [["topicAliasMaximum", 5]] });
      const topic = new Topic("t", alias);
      for (const qos of [0, 1, 2] as const) {
        client.publish(topic, "", qos);
        const sent = broker.expect("PUBLISH");
        expect(sent.properties.topicAlias).toBe(isUsed ? alias : undefined);
        expect(sent.topic).toBe(isUsed && qos > 0 ? "" : "t");
      }
    }
  });

  it("MQTT-3.2.2-18: without it, or where it is 0, there are no aliases at all", () => {
    for (const answer of [{}, { properties: [["topicAliasMaximum", 0]] }] as const) {
      const { broker, client } = connect(NAMED, {}, answer);
      expect(client.server.topicAliasMaximum).toBe(0);
      for (const topic of [new Topic("t"), new Topic("t", 1)])
        for (const qos of [0, 1, 0] as const) {
          client.publish(topic, "", qos);
          broker.expect("PUBLISH", { topic: "t", properties: { topicAlias: undefined } });
        }
    }
  });

  it("MQTT-3.2.2-17, MQTT-3.2.2-18: a later connection has its own maximum, and knows nothing of earlier aliases", () => {
    const fixture = connect(PERSISTENT, {}, { properties: [["topicAliasMaximum", 5]] });
    const { broker, client } = fixture;
    const topics = ["1", "2", "3"].map((name) => new Topic(name));
    for (const topic of topics) client.publish(topic, "");
    broker.transport.takeSent();
    for (const maximum of [1, 0, undefined, 5]) {
      reconnect(fixture, {
        sessionPresent: true,
        properties: maximum === undefined ? [] : [["topicAliasMaximum", maximum]],
      });
      for (const topic of topics) {
        client.publish(topic, "");
        const { properties, topic: name } = broker.expect("PUBLISH");
        expect(name).not.toBe("");
        expect(properties.topicAlias ?? 0).toBeLessThanOrEqual(maximum ?? 0);
      }
    }
  });

  it("MQTT-3.2.2-18: what was stored before the maximum was known, or for another connection, has no alias", () => {
    const fixture = connect(PERSISTENT, {}, { properties: [["topicAliasMaximum", 5]] });
    const { broker, client } = fixture;
    const topic = new Topic("t", 3);
    client.publish(topic, "1", 1);
    client.publish(topic, "2", 1);
    broker.expect("PUBLISH", { topic: "t", properties: { topicAlias: 3 } });
    broker.expect("PUBLISH", { topic: "", properties: { topicAlias: 3 } });
    broker.drop();
    client.publish(topic, "3", 1);
    reconnect(fixture, { sessionPresent: true });
    for (const payload of ["1", "2", "3"])
      broker.expect("PUBLISH", { topic: "t", payload, properties: { topicAlias: undefined } });
  });
});

describe("3.2.2.3.9 and 3.2.2.3.10 Reason String and User Property", () => {
  const FILLED = {
    "MQTT-3.2.2-19": (size: number) => connack({ properties: [["reasonString", "a".repeat(size)]] }),
    "MQTT-3.2.2-20": (size: number) => connack({ properties: [["userProperty", ["", "a".repeat(size)]]] }),
  };
  it("MQTT-3.2.2-19, MQTT-3.2.2-20: takes a CONNACK that they fill up to our Maximum Packet Size, and no larger one", () => {
    for (const filled of Object.values(FILLED))
      for (const maximumPacketSize of [32, 64, 200]) {
        const fits = maximumPacketSize - filled(0).length - (maximumPacketSize > 129 ? 2 : 0);
        expect(filled(fits)).toHaveLength(maximumPacketSize);
        const options = { ...NAMED, maximumPacketSize };
        for (const send of ["send", "sendByteByByte"] as const) {
          const { broker, client } = awaitingConnack(options);
          broker[send](filled(fits));
          expect(client.connected).toBe(true);
        }
        expectNotConnectedBy(filled(fits + 1), "ERR_PROTOCOL", 0x95, options, waiting);
        const refusal = filled(fits + 1);
        refusal[maximumPacketSize > 129 ? 4 : 3] = 0x87; // in the place of 0x00
        expectNotConnectedBy(refusal, "ERR_PROTOCOL", 0x95, options);
      }
  });
});

describe("3.2.2.3.11 to 3.2.2.3.13 what the server has of subscriptions", () => {
  const CASES = {
    wildcardSubscriptionAvailable: { identifier: 0x28, filter: "a/+", other: "a", reasonCode: 0xa2, properties: undefined },
    subscriptionIdentifiersAvailable: {
      identifier: 0x29,
      filter: "a",
      other: "b",
      reasonCode: 0xa1,
      properties: new Properties({ subscriptionIdentifier: 5 }),
    },
    sharedSubscriptionAvailable: { identifier: 0x2a, filter: "$share/n/a", other: "a", reasonCode: 0x9e, properties: undefined },
  } as const;
  for (const [name, { identifier, filter, other, reasonCode, properties }] of Object.entries(CASES)) {
    const property = Uint8Array.of(identifier, 0);

    it(`3.2.2.3: where ${name} is 0, refuses to subscribe so, and nothing else`, () => {
      const { broker, client } = connect(NAMED, {}, { properties: [property] });
      expect(client.server).toMatchObject({ [name]: false });
      expect(() => client.subscribe({ filter }, undefined, properties)).toThrow(
        expect.objectContaining({ code: "ERR_NOT_SUPPORTED", reasonCode, fault: "caller" }),
      );
      broker.expectNothing();
      client.subscribe({ filter: other });
      broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: other }] });
    });

    it(`3.2.2.3: what was asked for before ${name} was known to be 0 is answered with its code, and not sent`, () => {
      const done: number[][] = [];
      const { broker, client } = awaitingConnack(NAMED);
      client.subscribe({ filter }, (codes) => done.push([...codes]), properties);
      broker.send(connack({ properties: [property] }));
      expect(client.connected).toBe(true);
      broker.expectNothing();
      expect(done).toEqual([[reasonCode]]);
    });

    it(`3.2.2.3: where ${name} is 1 or absent, subscribes so`, () => {
      for (const answer of [{}, { properties: [Uint8Array.of(identifier, 1)] }]) {
        const { broker, client } = connect(NAMED, {}, answer);
        expect(client.server).toMatchObject({ [name]: true });
        client.subscribe({ filter }, undefined, properties);
        broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: filter }] });
      }
    });
  }
});

describe("3.2.2.3.14 Server Keep Alive", () => {
  const answer = (seconds: number) => ({ properties: [["serverKeepAlive", seconds]] }) as const;

  for (const [asked, given] of [[60, 10], [10, 60], [60, 1], [1, 65_535], [0, 10], [10, 10]] as const)
    it(`MQTT-3.1.2-21, MQTT-3.2.2-21: ${given} s count where ${asked} s were asked for`, () => {
      const { broker, client } = connect({ ...NAMED, keepalive: asked }, {}, answer(given));
      expect(client.server.keepalive).toBe(given);
      for (let ping = 0; ping < 3; ping++) {
        broker.advance(given * 500);
        broker.expectNothing(); // no sooner than half of it
        broker.advance(given * 500 - 1);
        broker.expectBytes("c0 00");
        broker.expectNothing();
        broker.send(pingresp());
      }
      broker.expectOpen();
    });

  it("MQTT-3.1.2-21, MQTT-3.2.2-21: 0 turns Keep Alive off, whatever was asked for", () => {
    for (const keepalive of [0, 1, 60]) {
      const { broker, client } = connect({ ...NAMED, keepalive }, {}, answer(0));
      expect(client.server.keepalive).toBe(0);
      broker.advance(7 * 24 * 3_600_000);
      broker.expectNothing();
      broker.expectOpen();
    }
  });

  it("MQTT-3.1.2-21: CONNECT goes on asking for what the option says", () => {
    const fixture = connect({ ...PERSISTENT, keepalive: 60 }, {}, answer(10));
    const { broker } = fixture;
    broker.drop();
    broker.advance(0);
    expect(broker.acceptConnection(answer(20)).keepalive).toBe(60);
  });

  it("MQTT-3.2.2-21: it holds for one connection: without it in the next CONNACK, the client's own counts again", () => {
    for (const [own, given] of [[60, 10], [10, 60], [10, 0]] as const) {
      const fixture = connect({ ...PERSISTENT, keepalive: own }, {}, answer(given));
      const { broker, client } = fixture;
      reconnect(fixture, { sessionPresent: true });
      expect(client.server.keepalive).toBeUndefined();
      broker.advance(own * 500);
      broker.expectNothing();
      broker.advance(own * 500 - 1);
      broker.expectBytes("c0 00");
      broker.send(pingresp());
      broker.expectOpen();
    }
    const fixture = connect({ ...PERSISTENT, keepalive: 0 }, {}, answer(10));
    reconnect(fixture, { sessionPresent: true });
    fixture.broker.advance(3_600_000);
    fixture.broker.expectNothing();
  });

  it("MQTT-3.2.2-21: a refusal's Server Keep Alive is none", () => {
    const { broker } = start({ ...NAMED, keepalive: 60 });
    broker.acceptConnection({ reasonCode: 0x88, ...answer(1) });
    broker.advance(0);
    broker.acceptConnection();
    broker.advance(29_999);
    broker.expectNothing();
    broker.advance(30_000);
    broker.expectBytes("c0 00");
  });

  it("MQTT-3.2.2-21: it counts from CONNECT, however late CONNACK tells of it", () => {
    const { broker } = awaitingConnack({ ...NAMED, keepalive: 60 });
    broker.advance(8_000);
    broker.send(connack(answer(10)));
    broker.advance(2_000);
    broker.expectBytes("c0 00");
    const late = awaitingConnack({ ...NAMED, keepalive: 60 });
    late.broker.advance(12_000);
    late.broker.expectNothing();
    late.broker.send(connack(answer(10)));
    late.broker.expectBytes("c0 00");
    late.broker.expectNothing();
  });

  it("MQTT-3.2.2-21: a server that is silent for 1.5 times as long is given up", () => {
    const { broker, events } = connect({ ...NAMED, keepalive: 0, reconnectPeriod: 0 }, {}, answer(10));
    broker.advance(15_000);
    broker.transport.takeSent();
    expect(broker.transport.isOpen).toBe(false);
    expect(events).toEqual(["disconnected ERR_KEEPALIVE_TIMEOUT"]);
  });

  it("MQTT-3.2.2-21: it is right also when the clock wraps", () => {
    const { broker } = connect({ ...NAMED, keepalive: 60 }, { clockStart: 2 ** 32 - 5_000 }, answer(10));
    for (let ping = 0; ping < 3; ping++) {
      broker.advance(9_999);
      broker.expectBytes("c0 00");
      broker.expectNothing();
      broker.send(pingresp());
    }
  });
});
