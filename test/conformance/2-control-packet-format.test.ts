import { describe, expect, it } from "vitest";
import { Topic } from "mqtt-xs";
import { connack, hex, mqttString, packet, puback, pubcomp, publish, pubrec, pubrel, suback, uint16, unsuback } from "../support/packets.js";
import { connect, expectClosedBy, PERSISTENT, reconnect, start, type Fixture } from "./support.js";

const topic = new Topic("t");
const empty = new Uint8Array(0);

/** Publishes and acknowledges messages, so that `count` packet identifiers are used and free again. */
function useUp({ broker, client }: Fixture, count: number): void {
  for (let index = 0; index < count; index++) {
    const identifier = client.publish(topic, empty, 1);
    broker.transport.takeSent();
    broker.send(puback(identifier));
  }
}

/** What a server may send besides PUBLISH: the first byte, the content, and the flags that it must have. */
const FROM_SERVER = {
  PUBACK: { type: 4, content: "00 01", flags: 0 },
  PUBREC: { type: 5, content: "00 01", flags: 0 },
  PUBREL: { type: 6, content: "00 01", flags: 2 },
  PUBCOMP: { type: 7, content: "00 01", flags: 0 },
  SUBACK: { type: 9, content: "00 01 00", flags: 0 },
  UNSUBACK: { type: 11, content: "00 01", flags: 0 },
  PINGRESP: { type: 13, content: "", flags: 0 },
};

const ALL_FLAGS = Array.from({ length: 16 }, (_, flags) => flags);

describe("2.2.1 Control Packet type", () => {
  const NOT_FROM_SERVER = {
    "reserved type 0": "00 00",
    CONNECT: "10 0c 00 04 4d 51 54 54 04 02 00 3c 00 00",
    SUBSCRIBE: "82 06 00 01 00 01 61 00",
    UNSUBSCRIBE: "a2 05 00 01 00 01 61",
    PINGREQ: "c0 00",
    DISCONNECT: "e0 00",
    "reserved type 15": "f0 00",
  };
  for (const [name, bytes] of Object.entries(NOT_FROM_SERVER))
    it(`MQTT-4.8.0-1: closes on ${name}, which no server may send`, () => expectClosedBy(bytes, "ERR_PROTOCOL"));

  for (const type of [0, 15])
    it(`MQTT-4.8.0-1: closes on reserved type ${type} whatever its flags, at its first byte`, () => {
      for (const flags of ALL_FLAGS) expectClosedBy(Uint8Array.of((type << 4) | flags), "ERR_PROTOCOL");
    });
});

describe("2.2.2 Flags", () => {
  for (const [name, { type, content, flags: right }] of Object.entries(FROM_SERVER)) {
    it(`MQTT-2.2.2-2: closes on ${name} with flags other than ${right}`, () => {
      for (const flags of ALL_FLAGS.filter((each) => each !== right))
        expectClosedBy(packet((type << 4) | flags, hex(content)), "ERR_MALFORMED_PACKET");
    });

    it(`MQTT-2.2.2-2: stays connected on ${name} with flags ${right}`, () => {
      const { broker, events } = connect();
      broker.send(packet((type << 4) | right, hex(content)));
      broker.expectOpen();
      expect(events).toEqual([]);
    });
  }

  it("MQTT-2.2.2-2: closes on CONNACK with flags other than 0", () => {
    for (const flags of ALL_FLAGS.slice(1)) {
      const { broker, events } = start();
      broker.transport.accept();
      broker.expect("CONNECT");
      broker.send(packet(0x20 | flags, hex("00 00")));
      broker.expectClosed();
      expect(events).toEqual(["disconnected ERR_MALFORMED_PACKET"]);
    }
  });
});

describe("2.2.3 Remaining Length", () => {
  for (const first of ["20", "30", "32", "40", "50", "62", "70", "90", "b0", "d0"]) {
    it(`MQTT-4.8.0-1: closes on a packet ${first} whose Remaining Length goes on after four bytes`, () => {
      expectClosedBy(`${first} ff ff ff ff`, "ERR_MALFORMED_PACKET");
      expectClosedBy(`${first} 80 80 80 80 00`, "ERR_MALFORMED_PACKET");
    });
  }

  const WRONG_LENGTHS = {
    PUBACK: ["40 00", "40 01 00", "40 03 00 01 00", "40 81 01"],
    PUBREC: ["50 00", "50 01 00", "50 03 00 01 00"],
    PUBREL: ["62 00", "62 01 00", "62 03 00 01 00"],
    PUBCOMP: ["70 00", "70 01 00", "70 03 00 01 00"],
    SUBACK: ["90 00", "90 01 00", "90 02 00 01"],
    UNSUBACK: ["b0 00", "b0 01 00", "b0 03 00 01 00"],
    PINGRESP: ["d0 01 00", "d0 02 00 01"],
    CONNACK: ["20 00", "20 01 00", "20 03 00 00 00"],
    "PUBLISH shorter than the length of its topic": ["30 00", "30 01 00"],
    "PUBLISH shorter than its topic": ["30 02 00 01", "30 03 00 02 61", "30 03 ff ff 61"],
    "PUBLISH shorter than its Packet Identifier": ["32 03 00 01 61", "32 04 00 01 61 00", "34 03 00 01 61", "34 04 00 01 61 00"],
  };
  for (const [name, violations] of Object.entries(WRONG_LENGTHS))
    it(`MQTT-4.8.0-1: closes on a Remaining Length that does not fit the content: ${name}`, () => {
      for (const violation of violations) expectClosedBy(violation, "ERR_MALFORMED_PACKET");
    });

  it("MQTT-4.8.0-1: closes on an acknowledgement that pretends to be larger than any buffer", () => {
    for (const first of ["40", "50", "62", "70", "b0", "d0"]) expectClosedBy(`${first} ff ff ff 7f`, "ERR_MALFORMED_PACKET");
    expectClosedBy("90 ff ff ff 7f", "ERR_PROTOCOL");
  });

  for (const length of [127, 128, 16_383, 16_384]) {
    it(`takes and sends a PUBLISH whose Remaining Length is ${length}`, () => {
      const payload = Uint8Array.from({ length: length - 3 }, (_, index) => index);
      const received: number[] = [];
      const { broker, client } = connect({ onMessage: (message) => received.push(...message.payload) });
      client.publish("t", payload);
      broker.expectBytes(publish({ topic: "t", payload }));
      broker.expectNothing();
      broker.send(publish({ topic: "t", payload }));
      expect(received).toEqual([...payload]);
    });
  }

  it("takes the largest Remaining Length there is, 268,435,455", () => {
    const totals: number[] = [];
    const { broker } = connect({ onMessage: ({ total }) => totals.push(total) });
    broker.send(hex("30 ff ff ff 7f 00 01 74"));
    broker.send(new Uint8Array(1024));
    expect(totals.length).toBeGreaterThan(0);
    expect(new Set(totals)).toEqual(new Set([268_435_452]));
    broker.expectOpen();
  });
});

describe("2.3.1 Packet Identifier", () => {
  it("MQTT-2.3.1-1: SUBSCRIBE, UNSUBSCRIBE and PUBLISH of QoS 1 and 2 go out with an identifier from 1 on", () => {
    const { broker, client } = connect();
    expect(client.subscribe({ filter: "a" })).toBe(1);
    broker.expectBytes("82 06 00 01 00 01 61 00");
    expect(client.unsubscribe("a")).toBe(2);
    broker.expectBytes("a2 05 00 02 00 01 61");
    expect(client.publish("a", "x", 1)).toBe(3);
    broker.expectBytes("32 06 00 01 61 00 03 78");
    expect(client.publish("a", "x", 2)).toBe(4);
    broker.expectBytes("34 06 00 01 61 00 04 78");
    broker.expectNothing();
  });

  it("MQTT-2.3.1-1: after 65,535 comes 1, never 0", () => {
    const fixture = connect();
    useUp(fixture, 65_534);
    expect(fixture.client.publish(topic, empty, 1)).toBe(65_535);
    fixture.broker.expectBytes("32 05 00 01 74 ff ff");
    expect(fixture.client.publish(topic, empty, 1)).toBe(1);
    fixture.broker.expectBytes("32 05 00 01 74 00 01");
  });

  const ZERO = {
    "PUBLISH with QoS 1": publish({ topic: "t", qos: 1, identifier: 0 }),
    "PUBLISH with QoS 2": publish({ topic: "t", qos: 2, identifier: 0 }),
    PUBACK: puback(0),
    PUBREC: pubrec(0),
    PUBREL: pubrel(0),
    PUBCOMP: pubcomp(0),
    SUBACK: suback(0, 0),
    UNSUBACK: unsuback(0),
  };
  for (const [name, violation] of Object.entries(ZERO))
    it(`MQTT-2.3.1-1: closes on identifier 0 in ${name}`, () => expectClosedBy(violation, "ERR_PROTOCOL"));

  it("MQTT-2.3.1-1: closes on identifier 0 in a PUBLISH larger than the buffer, before any of it is delivered", () => {
    const violation = publish({ topic: "t", payload: new Uint8Array(100), qos: 2, identifier: 0 });
    expectClosedBy(violation, "ERR_PROTOCOL", { packetSize: 32 });
  });

  it("MQTT-2.3.1-2: an identifier in use is skipped, whatever for", () => {
    const fixture = connect();
    const { broker, client } = fixture;
    client.publish(topic, empty, 1); // 1
    client.publish(topic, empty, 2); // 2
    client.publish(topic, empty, 2); // 3, whose PUBREC has come
    broker.transport.takeSent();
    broker.send(pubrec(3));
    client.subscribe({ filter: "a" }); // 4
    client.unsubscribe("a"); // 5
    broker.transport.takeSent();
    useUp(fixture, 65_530);
    expect(client.publish(topic, empty, 1)).toBe(6);
    broker.expectBytes("32 05 00 01 74 00 06");
  });

  it("MQTT-2.3.1-2: identifiers of both directions do not meet", () => {
    const { broker, client, events } = connect();
    client.publish("t", "out", 2);
    broker.expect("PUBLISH", { identifier: 1 });
    broker.send(publish({ topic: "t", payload: "in", qos: 2, identifier: 1 }));
    broker.expectBytes(pubrec(1));
    broker.send(pubrec(1));
    broker.expectBytes(pubrel(1));
    broker.send(pubrel(1));
    broker.expectBytes(pubcomp(1));
    expect(events).toEqual(["message t: in"]);
    broker.send(pubcomp(1));
    expect(events).toEqual(["message t: in", "delivered 1"]);
    broker.expectNothing();
  });

  it("MQTT-2.3.1-3: what is sent again has the identifier it had", () => {
    const fixture = connect(PERSISTENT);
    const { broker, client } = fixture;
    client.subscribe({ filter: "a" });
    client.unsubscribe("a");
    client.publish("t", "", 1);
    client.publish("t", "", 2);
    client.publish("t", "", 2);
    broker.transport.takeSent();
    broker.send(pubrec(5));
    broker.expectBytes(pubrel(5));
    reconnect(fixture, { sessionPresent: true });
    broker.expect("SUBSCRIBE", { identifier: 1 });
    broker.expect("UNSUBSCRIBE", { identifier: 2 });
    broker.expect("PUBLISH", { identifier: 3, qos: 1 });
    broker.expect("PUBLISH", { identifier: 4, qos: 2 });
    broker.expect("PUBREL", { identifier: 5 });
    broker.expectNothing();
  });

  it("MQTT-2.3.1-3: PUBACK, PUBCOMP, SUBACK and UNSUBACK free an identifier for the next round", () => {
    const fixture = connect();
    const { broker, client } = fixture;
    client.publish(topic, empty, 1);
    client.publish(topic, empty, 2);
    client.subscribe({ filter: "a" });
    client.unsubscribe("a");
    broker.transport.takeSent();
    broker.sendTogether(puback(1), pubrec(2), suback(3, 0), unsuback(4));
    broker.expectBytes(pubrel(2));
    broker.send(pubcomp(2));
    useUp(fixture, 65_531);
    expect([1, 2, 3, 4].map(() => client.publish(topic, empty, 1))).toEqual([1, 2, 3, 4]);
  });

  it("MQTT-2.3.1-5: a QoS 0 PUBLISH has no Packet Identifier", () => {
    const { broker, client, events } = connect();
    expect(client.publish("t", "x")).toBe(0);
    broker.expectBytes("30 04 00 01 74 78");
    expect(client.publish("t", "x", 0, true)).toBe(0);
    broker.expectBytes("31 04 00 01 74 78");
    broker.send("30 05 00 01 74 31 32");
    expect(events).toEqual(["message t: 12"]);
    broker.expectNothing();
  });

  it("MQTT-2.3.1-6: PUBACK, PUBREC and PUBCOMP repeat the identifier of what they answer", () => {
    const { broker } = connect();
    for (const identifier of [1, 0xff, 0x100, 0x1234, 0xffff]) {
      broker.send(publish({ topic: "t", qos: 1, identifier }));
      broker.expectBytes(puback(identifier));
      broker.send(publish({ topic: "t", qos: 2, identifier }));
      broker.expectBytes(pubrec(identifier));
      broker.send(pubrel(identifier));
      broker.expectBytes(pubcomp(identifier));
    }
    broker.expectNothing();
  });

  it("MQTT-2.3.1-6: PUBREL repeats the identifier of the PUBREC, which is that of the PUBLISH", () => {
    const fixture = connect();
    useUp(fixture, 0x1233);
    fixture.client.publish("t", "", 2);
    fixture.broker.expectBytes("34 05 00 01 74 12 34");
    fixture.broker.send(pubrec(0x1234));
    fixture.broker.expectBytes("62 02 12 34");
  });

  it("MQTT-2.3.1-7: SUBACK and UNSUBACK complete the request with their identifier, in whatever order they come", () => {
    const done: string[] = [];
    const { broker, client } = connect();
    client.subscribe({ filter: "a" }, (codes) => done.push(`a: ${codes.join(" ")}`));
    client.subscribe({ filter: "b" }, (codes) => done.push(`b: ${codes.join(" ")}`));
    client.unsubscribe("c", () => done.push("c"));
    client.unsubscribe("d", () => done.push("d"));
    broker.send(unsuback(4));
    broker.send(suback(2, 0x80));
    broker.send(unsuback(3));
    broker.send(suback(1, 0));
    expect(done).toEqual(["d", "b: 128", "c", "a: 0"]);
  });

  it("MQTT-2.3.1-7: an answer with an identifier nobody waits for completes nothing and harms nothing", () => {
    const done: string[] = [];
    const { broker, client, events } = connect();
    client.subscribe({ filter: "a" }, () => done.push("subscribed"));
    client.unsubscribe("b", () => done.push("unsubscribed"));
    client.publish("t", "", 1);
    client.publish("t", "", 2);
    broker.transport.takeSent();
    for (const identifier of [2, 3, 4, 5, 65_535]) broker.send(suback(identifier, 0));
    for (const identifier of [1, 3, 4, 5, 65_535]) broker.send(unsuback(identifier));
    expect(done).toEqual([]);
    expect(events).toEqual([]);
    expect(client.inflight).toBe(2);
    broker.expectNothing();
    broker.expectOpen();
    broker.sendTogether(suback(1, 0), unsuback(2));
    expect(done).toEqual(["subscribed", "unsubscribed"]);
    broker.sendTogether(suback(1, 0), unsuback(2));
    expect(done).toEqual(["subscribed", "unsubscribed"]);
    broker.expectOpen();
  });

  it("MQTT-2.3.1-7: an answer with the identifier of a request that was not sent yet completes nothing", () => {
    const done: string[] = [];
    const { broker, client } = start();
    client.subscribe({ filter: "a" }, () => done.push("subscribed"));
    broker.transport.accept();
    broker.expect("CONNECT");
    broker.transport.room = 0;
    broker.sendTogether(connack(), suback(1, 0));
    expect(done).toEqual([]);
    broker.transport.makeRoom(Infinity);
    broker.expect("SUBSCRIBE", { identifier: 1 });
    broker.send(suback(1, 0));
    expect(done).toEqual(["subscribed"]);
  });

  it("MQTT-2.3.1-7: an acknowledgement of a message nobody waits for delivers nothing and harms nothing", () => {
    const { broker, client, events } = connect();
    client.publish("t", "", 1); // 1
    client.publish("t", "", 2); // 2
    broker.transport.takeSent();
    broker.sendTogether(puback(2), puback(3), puback(65_535), pubcomp(1), pubcomp(2), pubcomp(3));
    broker.expectNothing();
    expect(events).toEqual([]);
    expect(client.inflight).toBe(2);
    broker.sendTogether(puback(1), pubrec(2), pubcomp(2));
    broker.expectBytes(pubrel(2));
    broker.sendTogether(puback(1), pubcomp(2), puback(2));
    expect(events).toEqual(["delivered 1", "delivered 2"]);
    broker.expectOpen();
    broker.expectNothing();
  });

  it("MQTT-2.3.1-7: a PUBREC that nobody waits for is answered, so that the server can let go of it", () => {
    const { broker, client, events } = connect();
    broker.send(pubrec(77));
    broker.expectBytes(pubrel(77));
    broker.send(pubcomp(77));
    expect(events).toEqual([]);
    expect(client.inflight).toBe(0);
    broker.expectOpen();
  });
});

describe("2.4 Payload", () => {
  it("a PUBLISH without payload ends with its variable header", () => {
    const { broker, client } = connect();
    client.publish("t", "", 1);
    broker.expectBytes(packet(0x32, mqttString("t"), uint16(1)));
    client.publish("t", "");
    broker.expectBytes(packet(0x30, mqttString("t")));
    broker.expectNothing();
  });
});
