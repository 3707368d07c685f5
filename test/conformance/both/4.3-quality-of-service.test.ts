import { describe, expect, it } from "vitest";
import { deliveries, messages, PERSISTENT, reconnect } from "../support.js";
import { VERSIONS } from "./versions.js";

describe.each(VERSIONS)("$name, 4.3.1 QoS 0", ({ connect, either, named, publish }) => {
  it(named("MQTT-4.3.1-1", "sends once, with DUP 0, and keeps nothing"), () => {
    const fixture = connect(PERSISTENT);
    const { broker, client } = fixture;
    expect(client.publish("t", "x", 0, true)).toBe(0);
    broker.expectBytes(either("31 04 00 01 74 78", "31 05 00 01 74 00 78"));
    expect(client.inflight).toBe(0);
    reconnect(fixture, { sessionPresent: true });
    broker.expectNothing();
    expect(deliveries(fixture)).toEqual([]);
  });

  it(named("MQTT-4.3.1-1", "a received message of QoS 0 gets no answer, and each is a new one"), () => {
    const fixture = connect();
    for (let time = 0; time < 3; time++) fixture.broker.send(publish({ topic: "t", payload: "x" }));
    fixture.broker.expectNothing();
    expect(messages(fixture)).toEqual(["message t: x", "message t: x", "message t: x"]);
  });
});

describe.each(VERSIONS)("$name, 4.3.2 QoS 1", ({ connect, named, puback, pubcomp, publish, pubrec }) => {
  it(named(["MQTT-4.3.2-1", "MQTT-4.3.2-1, MQTT-4.3.2-2"], "each message has an identifier not in use, QoS 1 and DUP 0"), () => {
    const { broker, client } = connect({ inflight: 3 });
    for (const identifier of [1, 2, 3]) {
      expect(client.publish("t", "x", 1)).toBe(identifier);
      broker.expect("PUBLISH", { identifier, qos: 1, dup: false });
    }
  });

  it(named(["MQTT-4.3.2-1", "MQTT-4.3.2-3"], "under way until its PUBACK, and no other acknowledgement ends it"), () => {
    const fixture = connect(PERSISTENT);
    const { broker, client } = fixture;
    client.publish("t", "x", 1);
    broker.expect("PUBLISH");
    broker.sendTogether(pubcomp(1), puback(2), pubrec(1), pubcomp(1));
    expect(client.inflight).toBe(1);
    expect(deliveries(fixture)).toEqual([]);
    reconnect(fixture, { sessionPresent: true });
    broker.expect("PUBLISH", { identifier: 1, qos: 1, dup: true });
    broker.send(puback(1));
    expect(client.inflight).toBe(0);
    expect(deliveries(fixture)).toEqual(["delivered 1"]);
    reconnect(fixture, { sessionPresent: true });
    broker.expectNothing();
  });

  it(named(["MQTT-4.3.2-1", "MQTT-4.3.2-3"], "PUBACKs may come in any order"), () => {
    const fixture = connect({ inflight: 3 });
    const { broker, client } = fixture;
    for (let index = 0; index < 3; index++) client.publish("t", "x", 1);
    broker.sendTogether(puback(2), puback(3), puback(1));
    expect(deliveries(fixture)).toEqual(["delivered 2", "delivered 3", "delivered 1"]);
    expect(client.inflight).toBe(0);
  });

  it(named(["MQTT-4.3.2-1", "MQTT-4.3.2-3"], "an unacknowledged message is not sent again while the connection lasts"), () => {
    const { broker, client } = connect({ keepalive: 0 });
    client.publish("t", "x", 1);
    broker.expect("PUBLISH");
    broker.advance(3_600_000);
    broker.expectNothing();
  });

  it(named(["MQTT-4.3.2-2", "MQTT-4.3.2-4"], "answers with PUBACK and its identifier, once the application had it"), () => {
    const fixture = connect();
    fixture.broker.send(publish({ topic: "t", payload: "x", qos: 1, identifier: 0x1234 }));
    fixture.broker.expectBytes("40 02 12 34");
    fixture.broker.expectNothing();
    expect(messages(fixture)).toEqual(["message t: x"]);
  });

  it(named(["MQTT-4.3.2-2", "MQTT-4.3.2-5"], "after PUBACK the same identifier is a new message, with DUP or without"), () => {
    const fixture = connect();
    for (const dup of [false, true, false]) {
      fixture.broker.send(publish({ topic: "t", payload: "x", qos: 1, dup, identifier: 7 }));
      fixture.broker.expectBytes(puback(7));
    }
    expect(messages(fixture)).toHaveLength(3);
  });

  it(named(["MQTT-4.3.2-2", "MQTT-4.3.2-4"], "when the server never got the PUBACK, it is acknowledged again"), () => {
    const fixture = connect(PERSISTENT);
    const { broker } = fixture;
    broker.transport.room = 0;
    broker.send(publish({ topic: "t", payload: "x", qos: 1, identifier: 7 }));
    broker.transport.room = Infinity;
    reconnect(fixture, { sessionPresent: true });
    broker.expectNothing();
    broker.send(publish({ topic: "t", payload: "x", qos: 1, dup: true, identifier: 7 }));
    broker.expectBytes(puback(7));
    broker.expectNothing();
  });
});

describe.each(VERSIONS)("$name, 4.3.3 QoS 2", ({ connect, either, named, puback, pubcomp, publish, pubrec, pubrel }) => {
  it(named(["MQTT-4.3.3-1", "MQTT-4.3.3-1, MQTT-4.3.3-2, MQTT-4.3.3-4"], "identifier, DUP 0, PUBREC, PUBREL, PUBCOMP"), () => {
    const fixture = connect();
    const { broker, client } = fixture;
    expect(client.publish("t", "x", 2)).toBe(1);
    broker.expectBytes(either("34 06 00 01 74 00 01 78", "34 07 00 01 74 00 01 00 78"));
    broker.send(pubrec(1));
    broker.expectBytes("62 02 00 01");
    broker.expectNothing();
    expect(deliveries(fixture)).toEqual([]);
    expect(client.inflight).toBe(1);
    broker.send(pubcomp(1));
    expect(deliveries(fixture)).toEqual(["delivered 1"]);
    expect(client.inflight).toBe(0);
    broker.expectNothing();
  });

  it(named(["MQTT-4.3.3-1", "MQTT-4.3.3-3"], "under way until PUBREC, as a PUBLISH that is sent again"), () => {
    const fixture = connect(PERSISTENT);
    const { broker, client } = fixture;
    client.publish("t", "x", 2);
    broker.expect("PUBLISH");
    broker.sendTogether(puback(1), pubcomp(1));
    expect(client.inflight).toBe(1);
    reconnect(fixture, { sessionPresent: true });
    broker.expect("PUBLISH", { identifier: 1, qos: 2, dup: true });
    expect(deliveries(fixture)).toEqual([]);
  });

  it(named(["MQTT-4.3.3-1", "MQTT-4.3.3-5, MQTT-4.3.3-6"], "under way until PUBCOMP, as a PUBREL, never as PUBLISH"), () => {
    const fixture = connect(PERSISTENT);
    const { broker, client } = fixture;
    client.publish("t", "x", 2);
    broker.expect("PUBLISH");
    broker.send(pubrec(1));
    broker.expect("PUBREL");
    broker.sendTogether(puback(1), pubcomp(2));
    for (let connection = 0; connection < 3; connection++) {
      reconnect(fixture, { sessionPresent: true });
      broker.expect("PUBREL", { identifier: 1 });
      broker.expectNothing();
    }
    broker.send(pubcomp(1));
    expect(deliveries(fixture)).toEqual(["delivered 1"]);
    reconnect(fixture, { sessionPresent: true });
    broker.expectNothing();
  });

  it(named(["MQTT-4.3.3-1", "MQTT-4.3.3-4"], "a repeated PUBREC is answered by PUBREL again, and counts once"), () => {
    const fixture = connect();
    const { broker, client } = fixture;
    client.publish("t", "x", 2);
    broker.expect("PUBLISH");
    for (let time = 0; time < 3; time++) {
      broker.send(pubrec(1));
      broker.expectBytes(pubrel(1));
      broker.expectNothing();
    }
    broker.sendTogether(pubcomp(1), pubcomp(1));
    expect(deliveries(fixture)).toEqual(["delivered 1"]);
  });

  it(named(["MQTT-4.3.3-1", "MQTT-4.3.3-6"], "a PUBREC right behind CONNACK does not lead to PUBREL and then PUBLISH"), () => {
    const fixture = connect(PERSISTENT);
    const { broker, client } = fixture;
    client.publish("t", "x", 2);
    broker.expect("PUBLISH");
    broker.drop();
    broker.advance(0);
    broker.transport.accept();
    broker.expect("CONNECT");
    broker.send(either("20 02 01 00 50 02 00 01", "20 03 01 00 00 50 02 00 01"));
    const sent = broker.takePackets().map(({ type }) => type);
    expect(sent.includes("PUBREL") && sent.lastIndexOf("PUBLISH") > sent.indexOf("PUBREL")).toBe(false);
    broker.send(pubrec(1));
    broker.expect("PUBREL", { identifier: 1 });
    broker.send(pubcomp(1));
    expect(deliveries(fixture)).toEqual(["delivered 1"]);
    broker.expectNothing();
  });

  it(named(["MQTT-4.3.3-2", "MQTT-4.3.3-8, MQTT-4.3.3-11"], "answers PUBREC, and PUBREL with PUBCOMP, and delivers once"), () => {
    const fixture = connect();
    const { broker } = fixture;
    broker.send(publish({ topic: "t", payload: "x", qos: 2, identifier: 0x1234 }));
    broker.expectBytes("50 02 12 34");
    broker.expectNothing();
    broker.send(pubrel(0x1234));
    broker.expectBytes("70 02 12 34");
    broker.expectNothing();
    expect(messages(fixture)).toEqual(["message t: x"]);
  });

  it(named(["MQTT-4.3.3-2", "MQTT-4.3.3-10"], "until PUBREL, a PUBLISH with the identifier gets PUBREC, no delivery"), () => {
    const fixture = connect(PERSISTENT);
    const { broker } = fixture;
    for (const dup of [false, true, true, false]) {
      broker.send(publish({ topic: "t", payload: "x", qos: 2, dup, identifier: 7 }));
      broker.expectBytes(pubrec(7));
    }
    for (let connection = 0; connection < 3; connection++) {
      reconnect(fixture, { sessionPresent: true });
      broker.sendByteByByte(publish({ topic: "t", payload: "x", qos: 2, dup: true, identifier: 7 }));
      broker.expectBytes(pubrec(7));
      broker.expectNothing();
    }
    expect(messages(fixture)).toEqual(["message t: x"]);
  });

  it(named(["MQTT-4.3.3-2", "MQTT-4.3.3-12"], "after PUBREL the identifier is a new message, though PUBCOMP was lost"), () => {
    const fixture = connect(PERSISTENT);
    const { broker } = fixture;
    broker.send(publish({ topic: "t", payload: "1", qos: 2, identifier: 7 }));
    broker.transport.room = 0;
    broker.send(pubrel(7));
    broker.transport.takeSent();
    broker.transport.room = Infinity;
    reconnect(fixture, { sessionPresent: true });
    broker.send(pubrel(7));
    broker.expectBytes(either("70 02 00 07", "70 03 00 07 92"));
    broker.send(publish({ topic: "t", payload: "2", qos: 2, identifier: 7 }));
    broker.expectBytes(pubrec(7));
    expect(messages(fixture)).toEqual(["message t: 1", "message t: 2"]);
  });

  it(named(["MQTT-4.3.3-2", "MQTT-4.3.3-10, MQTT-4.3.3-11, MQTT-4.3.3-12"], "several messages keep apart"), () => {
    const fixture = connect();
    const { broker } = fixture;
    for (const identifier of [5, 6, 7]) broker.send(publish({ topic: "t", payload: String(identifier), qos: 2, identifier }));
    broker.takePackets();
    broker.send(pubrel(6));
    broker.expectBytes(pubcomp(6));
    for (const identifier of [5, 6, 7])
      broker.send(publish({ topic: "t", payload: `${identifier} again`, qos: 2, dup: true, identifier }));
    for (const identifier of [5, 6, 7]) broker.expectBytes(pubrec(identifier));
    expect(messages(fixture)).toEqual(["message t: 5", "message t: 6", "message t: 7", "message t: 6 again"]);
  });

  it(named(["MQTT-4.3.3-2", "MQTT-4.3.3-10"], "a message larger than the buffer is delivered once, though repeated"), () => {
    const received: number[] = [];
    const payload = Uint8Array.from({ length: 500 }, (_, index) => index);
    const fixture = connect({ ...PERSISTENT, packetSize: 64, onMessage: (message) => received.push(...message.payload) });
    const { broker } = fixture;
    const packet = publish({ topic: "t", payload, qos: 2, identifier: 7 });
    broker.send(packet.slice(0, 300));
    expect(received.length).toBeGreaterThan(0);
    reconnect(fixture, { sessionPresent: true });
    received.length = 0; // it begins anew
    broker.send(packet);
    broker.expectBytes(pubrec(7));
    expect(received).toEqual([...payload]);
    broker.sendByteByByte(packet);
    broker.expectBytes(pubrec(7));
    expect(received).toHaveLength(500);
  });

  it(named(["MQTT-4.3.3-2", "MQTT-4.3.3-10"], "a message whose handler closed is known when it comes again"), () => {
    const seen: string[] = [];
    const { broker, client } = connect({
      ...PERSISTENT,
      onMessage: (message) => {
        seen.push(message.text());
        client.close();
      },
    });
    broker.send(publish({ topic: "t", payload: "x", qos: 2, identifier: 7 }));
    broker.expect("DISCONNECT");
    broker.expectClosed();
    client.connect();
    broker.acceptConnection({ sessionPresent: true });
    broker.send(publish({ topic: "t", payload: "x", qos: 2, dup: true, identifier: 7 }));
    broker.expectBytes(pubrec(7));
    expect(seen).toEqual(["x"]);
  });

  it(named(["MQTT-4.3.3-2", "MQTT-4.3.3-8, MQTT-4.3.3-10"], "when its handler throws it counts as delivered"), () => {
    let calls = 0;
    const { broker } = connect({
      onMessage: () => {
        calls++;
        throw new Error("of the application");
      },
    });
    expect(() => {
      broker.send(publish({ topic: "t", qos: 2, identifier: 7 }));
    }).toThrow("of the application");
    broker.advance(0);
    broker.expectBytes(pubrec(7));
    broker.send(publish({ topic: "t", qos: 2, dup: true, identifier: 7 }));
    broker.expectBytes(pubrec(7));
    expect(calls).toBe(1);
  });

  it("a repeated message is answered though the memory for identifiers is full", () => {
    const { broker } = connect({ receiveMaximum: 1 });
    for (const dup of [false, true]) {
      broker.send(publish({ topic: "t", qos: 2, dup, identifier: 1 }));
      broker.expectBytes(pubrec(1));
    }
    broker.send(pubrel(1));
    broker.expectBytes(pubcomp(1));
    broker.send(publish({ topic: "t", qos: 2, identifier: 2 }));
    broker.expectBytes(pubrec(2));
  });
});

describe.each(VERSIONS)("$name, 4.5 Message receipt", ({ connect, named, puback, pubcomp, publish, pubrec, pubrel }) => {
  it(named("MQTT-4.5.0-2", "every message is acknowledged by its QoS, though nobody listens"), () => {
    const { broker } = connect({ onMessage: () => undefined });
    broker.send(publish({ topic: "t", qos: 0 }));
    broker.expectNothing();
    broker.send(publish({ topic: "t", qos: 1, identifier: 1 }));
    broker.expectBytes(puback(1));
    broker.send(publish({ topic: "t", qos: 2, identifier: 2 }));
    broker.expectBytes(pubrec(2));
    broker.send(pubrel(2));
    broker.expectBytes(pubcomp(2));
    broker.expectNothing();
  });
});
