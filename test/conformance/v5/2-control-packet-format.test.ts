import { describe, expect, it } from "vitest";
import { Properties, Topic, type Authenticator } from "mqtt-xs/v5";
import {
  concat,
  connack,
  hex,
  mqttString,
  packet,
  properties,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  suback,
  uint16,
  unsuback,
} from "../../support/v5/packets.js";
import {
  awaitingConnack,
  connect,
  connectPacket,
  deliveries,
  expectClosedBy,
  expectNotConnectedBy,
  type Fixture,
  PERSISTENT,
  reconnect,
  start,
} from "./support.js";

const topic = new Topic("t");
const empty = new Uint8Array(0);

const METHOD: Authenticator = { method: "m", begin: () => undefined, challenge: () => undefined, finish: () => undefined };

/** Publishes and acknowledges messages, so that `count` packet identifiers are used and free again. */
function useUp({ broker, client }: Fixture, count: number): void {
  for (let index = 0; index < count; index++) {
    const identifier = client.publish(topic, empty, 1);
    broker.transport.takeSent();
    broker.send(puback(identifier));
  }
}

/** What a server may send besides PUBLISH once it has sent CONNACK: its type, content, and the flags that it must have. */
const FROM_SERVER = {
  PUBACK: { type: 4, content: "00 01", flags: 0 },
  PUBREC: { type: 5, content: "00 01 87", flags: 0 }, // a refusal, which is not answered
  PUBREL: { type: 6, content: "00 01", flags: 2 },
  PUBCOMP: { type: 7, content: "00 01", flags: 0 },
  SUBACK: { type: 9, content: "00 01 00 00", flags: 0 },
  UNSUBACK: { type: 11, content: "00 01 00 00", flags: 0 },
  PINGRESP: { type: 13, content: "", flags: 0 },
  DISCONNECT: { type: 14, content: "", flags: 0 },
};

const ALL_FLAGS = Array.from({ length: 16 }, (_, flags) => flags);

describe("2.1.2 MQTT Control Packet type", () => {
  const NOT_FROM_SERVER = {
    "reserved type 0": "00 00",
    CONNECT: "10 0d 00 04 4d 51 54 54 05 02 00 3c 00 00 00",
    SUBSCRIBE: "82 07 00 01 00 00 01 61 00",
    UNSUBSCRIBE: "a2 06 00 01 00 00 01 61",
    PINGREQ: "c0 00",
  };
  for (const [name, bytes] of Object.entries(NOT_FROM_SERVER))
    it(`2.1.2: closes on ${name}, which no server may send`, () => {
      expectClosedBy(bytes, "ERR_PROTOCOL", 0x82);
      expectNotConnectedBy(bytes, "ERR_PROTOCOL", 0x82, { clientId: "c" });
    });

  it("2.1.2: closes on reserved type 0 whatever its flags and its length", () => {
    for (const flags of ALL_FLAGS)
      for (const rest of ["00", "01 00", "ff ff ff 7f"])
        expectClosedBy(concat(Uint8Array.of(flags), hex(rest)), "ERR_PROTOCOL", 0x82);
  });
});

describe("2.1.3 Flags", () => {
  it("MQTT-2.1.3-1: acknowledgements with a reason code have the same flags", () => {
    const { broker } = connect({ onMessage: (message) => (message.reasonCode = 0x87) });
    broker.send(publish({ topic: "t", qos: 1, identifier: 1 }));
    broker.expectBytes("40 03 00 01 87");
    broker.send(publish({ topic: "t", qos: 2, identifier: 2 }));
    broker.expectBytes("50 03 00 02 87");
    broker.send(pubrel(9));
    broker.expectBytes("70 03 00 09 92");
    broker.send(pubrec(9));
    broker.expectBytes("62 03 00 09 92");
    broker.expectNothing();
  });

  it("MQTT-2.1.3-1: AUTH has flags 0", () => {
    const authenticator: Authenticator = { ...METHOD, challenge: (_, answer) => answer() };
    const { broker } = awaitingConnack({ clientId: "c", authenticator });
    broker.send("f0 06 18 04 15 00 01 6d");
    broker.expectBytes("f0 06 18 04 15 00 01 6d");
  });

  for (const [name, { type, content, flags: right }] of Object.entries(FROM_SERVER)) {
    it(`MQTT-2.1.3-1: closes on ${name} with flags other than ${right}`, () => {
      for (const flags of ALL_FLAGS.filter((each) => each !== right))
        expectClosedBy(packet((type << 4) | flags, hex(content)), "ERR_MALFORMED_PACKET", 0x81);
    });

    if (name !== "DISCONNECT")
      it(`MQTT-2.1.3-1: stays connected on ${name} with flags ${right}`, () => {
        const { broker, client, events } = connect();
        broker.send(packet((type << 4) | right, hex(content)));
        broker.sendByteByByte(packet((type << 4) | right, hex(content)));
        broker.expectOpen();
        expect(events).toEqual([]);
        expect(client.connected).toBe(true);
      });
  }

  it("MQTT-2.1.3-1: closes on CONNACK with flags other than 0", () => {
    for (const flags of ALL_FLAGS.slice(1))
      expectNotConnectedBy(packet(0x20 | flags, hex("00 00 00")), "ERR_MALFORMED_PACKET", 0x81, { clientId: "c" });
  });

  it("MQTT-2.1.3-1: closes on AUTH with flags other than 0, before CONNACK and after it", () => {
    for (const flags of ALL_FLAGS.slice(1)) {
      const violation = packet(0xf0 | flags, hex("18 04 15 00 01 6d"));
      expectNotConnectedBy(violation, "ERR_MALFORMED_PACKET", 0x81, { clientId: "c", authenticator: METHOD });
      expectClosedBy(violation, "ERR_MALFORMED_PACKET", 0x81);
    }
  });

  it("MQTT-2.1.3-1: wrong flags close at once, though the packet pretends to be huge and never comes", () => {
    for (const first of ["41", "51", "60", "71", "91", "b1", "d1", "e1", "f1"]) {
      const { broker, events } = connect({ reconnectPeriod: 0 });
      broker.send(`${first} 02`);
      broker.expectBytes("e0 01 81");
      broker.expectClosed();
      expect(events).toEqual(["disconnected ERR_MALFORMED_PACKET"]);
    }
  });

  it("2.1.3: closes on a PUBLISH with QoS 3", () => {
    for (const flags of [6, 7, 14, 15]) {
      expectClosedBy(packet(0x30 | flags, hex("00 01 74 00 01 00")), "ERR_MALFORMED_PACKET", 0x81);
      expectClosedBy(packet(0x30 | flags, hex("00 01 74 00 01 00"), new Uint8Array(1000)), "ERR_MALFORMED_PACKET", 0x81);
    }
  });
});

describe("2.1.4 Remaining Length", () => {
  for (const first of ["20", "30", "32", "34", "40", "50", "62", "70", "90", "b0", "d0", "e0", "f0"])
    it(`2.1.4: closes on a packet ${first} whose Remaining Length goes on after four bytes`, () => {
      for (const length of ["ff ff ff ff", "80 80 80 80 00", "ff ff ff ff 7f"]) {
        expectClosedBy(`${first} ${length}`, "ERR_MALFORMED_PACKET", 0x81);
        expectNotConnectedBy(`${first} ${length}`, "ERR_MALFORMED_PACKET", 0x81, { clientId: "c", authenticator: METHOD });
      }
    });

  const WRONG_LENGTHS = {
    PUBACK: ["40 00", "40 01 00"],
    PUBREC: ["50 00", "50 01 00"],
    PUBREL: ["62 00", "62 01 00"],
    PUBCOMP: ["70 00", "70 01 00"],
    "SUBACK without a reason code": ["90 00", "90 01 00", "90 02 00 01", "90 03 00 01 00"],
    "UNSUBACK without a reason code": ["b0 00", "b0 01 00", "b0 02 00 01", "b0 03 00 01 00"],
    PINGRESP: ["d0 01 00", "d0 02 00 01"],
    "PUBLISH shorter than the length of its topic": ["30 00", "30 01 00"],
    "PUBLISH shorter than its topic": ["30 02 00 01", "30 03 00 02 61", "30 03 ff ff 61"],
    "PUBLISH shorter than its Packet Identifier": ["32 03 00 01 61", "32 04 00 01 61 00", "34 03 00 01 61", "34 04 00 01 61 00"],
    "PUBLISH without a Property Length": ["30 03 00 01 61", "32 05 00 01 61 00 01", "34 05 00 01 61 00 01"],
  };
  for (const [name, violations] of Object.entries(WRONG_LENGTHS))
    it(`2.1.4: closes on a Remaining Length that does not fit the content: ${name}`, () => {
      for (const violation of violations) expectClosedBy(violation, "ERR_MALFORMED_PACKET", 0x81);
    });

  it("2.1.4: closes on a CONNACK too short for its fields, such as one with which a server accepts MQTT 3.1.1", () => {
    for (const answer of ["20 00", "20 01 00", "20 02 00 00", "20 02 01 00"])
      expectNotConnectedBy(answer, "ERR_MALFORMED_PACKET", 0x81, { clientId: "c" });
  });

  for (const length of [127, 128, 16_383, 16_384]) {
    it(`2.1.4: takes a PUBLISH whose Remaining Length is ${length}`, () => {
      const payload = Uint8Array.from({ length: length - 4 }, (_, index) => index);
      const received: number[] = [];
      const { broker } = connect({ onMessage: (message) => received.push(...message.payload) });
      broker.send(publish({ topic: "t", payload }));
      broker.sendByteByByte(publish({ topic: "t", payload }));
      expect(received).toEqual([...payload, ...payload]);
      broker.expectOpen();
    });
  }

  it("2.1.4: takes the largest Remaining Length there is, 268,435,455", () => {
    const totals: number[] = [];
    const { broker } = connect({ onMessage: ({ total }) => totals.push(total) });
    broker.send(hex("30 ff ff ff 7f 00 01 74 00"));
    broker.send(new Uint8Array(1024));
    expect(totals.length).toBeGreaterThan(0);
    expect(new Set(totals)).toEqual(new Set([268_435_451]));
    broker.expectOpen();
  });

  it("2.1.4: closes on anything but a PUBLISH that does not fit packetSize, once its length is known", () => {
    for (const first of ["40", "50", "62", "70", "90", "b0", "e0", "f0"]) {
      for (const length of ["80 04", "ff ff ff 7f"]) {
        expectClosedBy(`${first} ${length}`, "ERR_RECEIVE_SIZE", 0x95);
        expectNotConnectedBy("20 ff ff ff 7f", "ERR_RECEIVE_SIZE", 0x95, { clientId: "c" });
      }
    }
  });

  it("2.1.4: takes a SUBACK, a CONNACK and an acknowledgement that just fit packetSize, and closes on one byte more", () => {
    const pairs = (size: number): Uint8Array => properties([["userProperty", ["", "a".repeat(size)]]]);
    const list = (size: number): Uint8Array => pairs(size).slice(1);
    for (const [bytes, isTaken] of [[55, true], [56, false]] as const) {
      const answer = connack({ properties: [list(bytes - 1)] });
      expect(answer).toHaveLength(isTaken ? 64 : 65);
      if (isTaken) {
        for (const send of ["send", "sendByteByByte"] as const) {
          const { broker, client } = awaitingConnack({ clientId: "c", packetSize: 64 });
          broker[send](answer);
          expect(client.connected).toBe(true);
        }
      } else expectNotConnectedBy(answer, "ERR_RECEIVE_SIZE", 0x95, { clientId: "c", packetSize: 64 });
    }
    for (const excess of [0, 1])
      for (const answer of [suback(1, 0, [list(53 + excess)]), puback(1, 0, [list(53 + excess)])]) {
        expect(answer).toHaveLength(64 + excess);
        if (excess > 0) expectClosedBy(answer, "ERR_RECEIVE_SIZE", 0x95, { packetSize: 64 });
        else {
          const { broker } = connect({ packetSize: 64 });
          broker.send(answer);
          broker.sendByteByByte(answer);
          broker.expectOpen();
          broker.expectNothing();
        }
      }
  });
});

describe("2.2.1 Packet Identifier", () => {
  it("MQTT-2.2.1-2: a QoS 0 PUBLISH has no Packet Identifier", () => {
    const { broker, client, events } = connect();
    expect(client.publish("t", "x")).toBe(0);
    broker.expectBytes("30 05 00 01 74 00 78");
    expect(client.publish("t", "x", 0, true)).toBe(0);
    broker.expectBytes("31 05 00 01 74 00 78");
    broker.send("30 06 00 01 74 00 31 32");
    broker.sendByteByByte("30 06 00 01 74 00 31 32");
    expect(events).toEqual(["message t: 12", "message t: 12"]);
    broker.expectNothing();
  });

  it("MQTT-2.2.1-3: SUBSCRIBE, UNSUBSCRIBE and PUBLISH of QoS 1 and 2 go out with an identifier from 1 on", () => {
    const { broker, client } = connect();
    expect(client.subscribe({ filter: "a" })).toBe(1);
    broker.expectBytes("82 07 00 01 00 00 01 61 00");
    expect(client.unsubscribe("a")).toBe(2);
    broker.expectBytes("a2 06 00 02 00 00 01 61");
    expect(client.publish("a", "x", 1)).toBe(3);
    broker.expectBytes("32 07 00 01 61 00 03 00 78");
    expect(client.publish("a", "x", 2)).toBe(4);
    broker.expectBytes("34 07 00 01 61 00 04 00 78");
    broker.expectNothing();
  });

  it("MQTT-2.2.1-3: after 65,535 comes 1, never 0", () => {
    const fixture = connect();
    useUp(fixture, 65_534);
    expect(fixture.client.publish(topic, empty, 1)).toBe(65_535);
    fixture.broker.expectBytes("32 06 00 01 74 ff ff 00");
    expect(fixture.client.publish(topic, empty, 1)).toBe(1);
    fixture.broker.expectBytes("32 06 00 01 74 00 01 00");
  });

  it("MQTT-2.2.1-3: an identifier in use is skipped, whatever for", () => {
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
    broker.expectBytes("32 06 00 01 74 00 06 00");
  });

  it("MQTT-2.2.1-3: PUBACK, PUBCOMP, a PUBREC that refuses, SUBACK and UNSUBACK free an identifier for the next round", () => {
    const fixture = connect({ inflight: 5 });
    const { broker, client } = fixture;
    client.publish(topic, empty, 1); // 1
    client.publish(topic, empty, 2); // 2
    client.publish(topic, empty, 2); // 3, which is refused
    client.publish(topic, empty, 1); // 4, which is refused too
    client.subscribe({ filter: "a" }); // 5
    client.unsubscribe("a"); // 6
    broker.transport.takeSent();
    broker.sendTogether(puback(1), pubrec(2), pubrec(3, 0x87), puback(4, 0x97), suback(5, 0), unsuback(6, 0x11));
    broker.expectBytes("62 02 00 02"); // and no PUBREL for 3
    broker.expectNothing();
    broker.send(pubcomp(2));
    expect(client.inflight).toBe(0);
    useUp(fixture, 65_529);
    expect([1, 2, 3, 4, 5].map(() => client.publish(topic, empty, 1))).toEqual([1, 2, 3, 4, 5]);
  });

  it("MQTT-2.2.1-3: what is sent again in the same session has the identifier it had", () => {
    const fixture = connect(PERSISTENT);
    const { broker, client } = fixture;
    client.subscribe({ filter: "a" });
    client.unsubscribe("a");
    client.publish("t", "", 1);
    client.publish("t", "", 2);
    client.publish("t", "", 2);
    broker.transport.takeSent();
    broker.send(pubrec(5));
    broker.expect("PUBREL", { identifier: 5 });
    reconnect(fixture, { sessionPresent: true });
    const sent = broker.takePackets().map((each) => `${each.type} ${"identifier" in each ? each.identifier : 0}`);
    expect(sent.toSorted()).toEqual(["PUBLISH 3", "PUBLISH 4", "PUBREL 5", "SUBSCRIBE 1", "UNSUBSCRIBE 2"]);
  });

  const ZERO = {
    "PUBLISH with QoS 1": publish({ topic: "t", qos: 1, identifier: 0 }),
    "PUBLISH with QoS 2": publish({ topic: "t", qos: 2, identifier: 0 }),
    "PUBLISH with QoS 2 and properties": publish({ topic: "t", qos: 2, identifier: 0, properties: [["contentType", "a"]] }),
  };
  for (const [name, violation] of Object.entries(ZERO))
    it(`MQTT-2.2.1-4: closes on identifier 0 in ${name}`, () => {
      expectClosedBy(violation, "ERR_PROTOCOL", 0x82);
    });

  it("MQTT-2.2.1-4: closes on identifier 0 in a PUBLISH larger than the buffer, before any of it is delivered", () => {
    const violation = publish({ topic: "t", payload: new Uint8Array(100), qos: 2, identifier: 0 });
    expectClosedBy(violation, "ERR_PROTOCOL", 0x82, { packetSize: 32 });
  });

  it("MQTT-2.2.1-4: takes every identifier of a server from 1 to 65,535", () => {
    const { broker, events } = connect();
    for (const identifier of [1, 0xff, 0x100, 0x8000, 0xffff]) {
      broker.send(publish({ topic: "t", payload: String(identifier), qos: 1, identifier }));
      broker.expect("PUBACK", { identifier, reasonCode: 0 });
    }
    expect(events).toHaveLength(5);
  });

  const ZERO_ANSWERS = {
    PUBACK: puback(0),
    PUBREC: pubrec(0),
    PUBREL: pubrel(0),
    PUBCOMP: pubcomp(0),
    "PUBACK that refuses": puback(0, 0x80),
    "PUBREC that refuses": pubrec(0, 0x80),
    "PUBREL that found nothing": pubrel(0, 0x92),
    "PUBCOMP that found nothing": pubcomp(0, 0x92),
    SUBACK: suback(0, 0),
    UNSUBACK: unsuback(0, 0),
  };
  for (const [name, violation] of Object.entries(ZERO_ANSWERS))
    it(`2.2.1: closes on identifier 0 in ${name}`, () => {
      expectClosedBy(violation, "ERR_PROTOCOL", 0x82);
    });

  it("2.2.1: identifiers of both directions do not meet", () => {
    const { broker, client, events } = connect();
    client.publish("t", "out", 2);
    broker.expect("PUBLISH", { identifier: 1 });
    broker.send(publish({ topic: "t", payload: "in", qos: 2, identifier: 1 }));
    broker.expectBytes("50 02 00 01");
    broker.send(pubrec(1));
    broker.expectBytes("62 02 00 01");
    broker.send(pubrel(1));
    broker.expectBytes("70 02 00 01");
    expect(events).toEqual(["message t: in"]);
    broker.send(pubcomp(1));
    expect(events).toEqual(["message t: in", "delivered 1"]);
    broker.expectNothing();
  });

  it("MQTT-2.2.1-5: PUBACK, PUBREC and PUBCOMP repeat the identifier of what they answer", () => {
    const { broker } = connect();
    for (const identifier of [1, 0xff, 0x100, 0x1234, 0xffff]) {
      broker.send(publish({ topic: "t", qos: 1, identifier }));
      broker.expect("PUBACK", { identifier, reasonCode: 0 });
      broker.send(publish({ topic: "t", qos: 2, identifier }));
      broker.expect("PUBREC", { identifier, reasonCode: 0 });
      broker.send(pubrel(identifier));
      broker.expect("PUBCOMP", { identifier, reasonCode: 0 });
    }
    broker.expectNothing();
  });

  it("MQTT-2.2.1-5: PUBREL repeats the identifier of the PUBREC, which is that of the PUBLISH", () => {
    const fixture = connect();
    useUp(fixture, 0x1233);
    fixture.client.publish("t", "", 2);
    fixture.broker.expectBytes("34 06 00 01 74 12 34 00");
    fixture.broker.send(pubrec(0x1234));
    fixture.broker.expectBytes("62 02 12 34");
  });

  it("MQTT-2.2.1-5: a PUBREC or PUBREL that nobody waits for is answered with its identifier and 0x92", () => {
    const { broker, client, events } = connect();
    for (const identifier of [1, 0xff, 0x1234, 0xffff]) {
      broker.send(pubrec(identifier));
      broker.expect("PUBREL", { identifier, reasonCode: 0x92 });
      broker.sendByteByByte(pubrec(identifier, 0x10, [["reasonString", "nobody"]]));
      broker.expect("PUBREL", { identifier, reasonCode: 0x92 });
      broker.send(pubrel(identifier));
      broker.expect("PUBCOMP", { identifier, reasonCode: 0x92 });
      broker.sendByteByByte(pubrel(identifier, 0x92, [["reasonString", "nobody"]]));
      broker.expect("PUBCOMP", { identifier, reasonCode: 0x92 });
    }
    broker.expectNothing();
    expect(events).toEqual([]);
    expect(client.inflight).toBe(0);
    broker.expectOpen();
  });

  it("MQTT-2.2.1-6: SUBACK and UNSUBACK complete the request with their identifier, in whatever order they come", () => {
    const done: string[] = [];
    const { broker, client } = connect();
    client.subscribe({ filter: "a" }, (codes) => done.push(`a: ${codes.join(" ")}`));
    client.subscribe({ filter: "b" }, (codes) => done.push(`b: ${codes.join(" ")}`));
    client.unsubscribe("c", (codes) => done.push(`c: ${codes.join(" ")}`));
    client.unsubscribe("d", (codes) => done.push(`d: ${codes.join(" ")}`));
    broker.send(unsuback(4, 0x11));
    broker.send(suback(2, 0x80));
    broker.send(unsuback(3, 0));
    broker.send(suback(1, 0));
    expect(done).toEqual(["d: 17", "b: 128", "c: 0", "a: 0"]);
  });

  it("MQTT-2.2.1-6: an answer with an identifier that nobody waits for, or of the other kind, completes nothing", () => {
    const ofNone = [2, 3, 4, 65_535].map((identifier) => suback(identifier, 0));
    ofNone.push(...[1, 3, 4, 65_535].map((identifier) => unsuback(identifier, 0)));
    for (const bytes of ofNone) {
      const done: string[] = [];
      const { broker, client, events } = connect({ reconnectPeriod: 0 });
      client.subscribe({ filter: "a" }, () => done.push("subscribed"));
      client.unsubscribe("b", () => done.push("unsubscribed"));
      client.publish("t", "", 1);
      client.publish("t", "", 2);
      broker.transport.takeSent();
      broker.send(bytes);
      expect(done).toEqual([]);
      expect(client.inflight).toBe(2);
      expect(events.filter((event) => !event.startsWith("disconnected"))).toEqual([]);
      if (!client.connected) continue; // a client may take it for a protocol error
      broker.expectNothing();
      broker.sendTogether(suback(1, 0), unsuback(2, 0));
      expect(done).toEqual(["subscribed", "unsubscribed"]);
    }
  });

  it("MQTT-2.2.1-6: a second answer to the same request completes nothing a second time", () => {
    for (const again of [suback(1, 0), unsuback(2, 0)]) {
      const done: string[] = [];
      const { broker, client } = connect({ reconnectPeriod: 0 });
      client.subscribe({ filter: "a" }, () => done.push("subscribed"));
      client.unsubscribe("b", () => done.push("unsubscribed"));
      broker.transport.takeSent();
      broker.sendTogether(suback(1, 0), unsuback(2, 0), again);
      expect(done).toEqual(["subscribed", "unsubscribed"]);
    }
  });

  it("MQTT-2.2.1-6: an answer with the identifier of a request that was not sent yet completes nothing", () => {
    const done: string[] = [];
    const { broker, client } = connect({ clientId: "c" });
    const source = { length: 1, ready: 0, read: (): number => source.ready };
    client.publish("t", source); // SUBSCRIBE has to wait behind it
    client.subscribe({ filter: "a" }, () => done.push("subscribed"));
    broker.transport.takeSent();
    broker.send(suback(1, 0));
    expect(done).toEqual([]);
    if (!client.connected) return; // a client may take it for a protocol error
    source.ready = 1;
    client.resume();
    broker.transport.takeSent(1);
    broker.expect("SUBSCRIBE", { identifier: 1 });
    broker.send(suback(1, 0));
    expect(done).toEqual(["subscribed"]);
  });

  it("2.2.1: an acknowledgement of a message that nobody waits for delivers nothing", () => {
    const ofNone = [puback(2), puback(3), puback(65_535), pubcomp(1), pubcomp(2), pubcomp(3), puback(2, 0x80), pubrec(1, 0x80)];
    for (const bytes of ofNone) {
      const { broker, client, events } = connect({ reconnectPeriod: 0 });
      client.publish("t", "", 1); // 1
      client.publish("t", "", 2); // 2
      broker.transport.takeSent();
      broker.send(bytes);
      expect(deliveries({ events })).toEqual([]);
      expect(client.inflight).toBe(2);
      if (!client.connected) continue; // a client may take it for a protocol error
      broker.expectNothing();
      broker.sendTogether(puback(1), pubrec(2), pubcomp(2));
      broker.expectBytes("62 02 00 02");
      expect(events).toEqual(["delivered 1", "delivered 2"]);
    }
  });
});

describe("2.2.2 Properties", () => {
  it("MQTT-2.2.2-1: where there are no properties, Property Length is 0: CONNECT's Will, PUBLISH, SUBSCRIBE, UNSUBSCRIBE", () => {
    const will = connectPacket({ clientId: "c", will: { topic: "w" } });
    expect([...will.slice(-9)]).toEqual([...hex("00 01 63 00 00 01 77 00 00")]);
    const { broker, client } = connect();
    for (const list of [undefined, new Properties({})]) {
      client.publish("t", "x", 0, false, list);
      broker.expectBytes("30 05 00 01 74 00 78");
      const identifier = client.publish("t", "x", 1, false, list);
      broker.expectBytes(packet(0x32, mqttString("t"), uint16(identifier), hex("00 78")));
      const subscribing = client.subscribe({ filter: "a" }, undefined, list);
      broker.expectBytes(packet(0x82, uint16(subscribing), hex("00 00 01 61 00")));
      const unsubscribing = client.unsubscribe("a", undefined, list);
      broker.expectBytes(packet(0xa2, uint16(unsubscribing), hex("00 00 01 61")));
    }
    broker.expectNothing();
  });

  it("MQTT-2.2.2-1: a CONNECT without properties, or with them, says how long they are", () => {
    const { broker } = start({ clientId: "c" });
    broker.transport.accept();
    const { bytes } = broker.expect("CONNECT", { clientId: "c" }); // which also proves that nothing is left over
    expect(bytes[12]).toBe(bytes.length - 13 - 3);
  });

  it("MQTT-2.2.2-1: short forms of acknowledgements and DISCONNECT leave Property Length out, where it means 0", () => {
    const { broker, client } = connect();
    broker.send(publish({ topic: "t", qos: 1, identifier: 1 }));
    broker.expectBytes("40 02 00 01");
    client.close(4);
    broker.expectBytes("e0 01 04");
    broker.expectClosed();
  });

  it("MQTT-2.2.2-1: an empty Properties in DISCONNECT is as good as none", () => {
    const { broker, client } = connect();
    client.close(0, new Properties({}));
    broker.expect("DISCONNECT", { reasonCode: 0 });
    broker.expectClosed();
  });

  it("MQTT-2.2.2-1: reads a Property Length of 0 wherever there can be one", () => {
    const { broker, client, events } = connect();
    client.subscribe({ filter: "a" });
    client.publish("t", "", 1);
    client.publish("t", "", 2);
    broker.transport.takeSent();
    broker.send("90 04 00 01 00 00");
    broker.send("40 04 00 02 00 00");
    broker.send("50 04 00 03 00 00");
    broker.expectBytes("62 02 00 03");
    broker.send("70 04 00 03 00 00");
    broker.send("30 04 00 01 74 00");
    broker.send("62 04 00 09 00 00");
    broker.expectBytes("70 03 00 09 92");
    expect(events).toEqual(["delivered 2", "delivered 3", "message t: "]);
    broker.expectOpen();
  });

  it("2.2.2.1: closes on a Property Length that reaches past the end of the packet", () => {
    for (const length of ["01", "7f", "80 01", "ff 7f", "ff ff ff 7f"]) {
      for (const first of [0x40, 0x50, 0x62, 0x70])
        expectClosedBy(packet(first, hex("00 01 00"), hex(length)), "ERR_MALFORMED_PACKET", 0x81);
      expectClosedBy(packet(0xe0, hex("00"), hex(length)), "ERR_MALFORMED_PACKET", 0x81);
      expectClosedBy(packet(0x30, mqttString("t"), hex(length)), "ERR_MALFORMED_PACKET", 0x81);
      expectClosedBy(packet(0x34, mqttString("t"), hex("00 01"), hex(length)), "ERR_MALFORMED_PACKET", 0x81);
      expectNotConnectedBy(packet(0xf0, hex("18"), hex(length)), "ERR_MALFORMED_PACKET", 0x81, { authenticator: METHOD });
    }
    for (const length of ["02", "7f", "80 01", "ff ff ff 7f"])
      for (const first of [0x90, 0xb0])
        expectClosedBy(packet(first, hex("00 01"), hex(length), hex("00")), "ERR_MALFORMED_PACKET", 0x81);
  });

  it("2.2.2.1: closes on a Property Length that is cut off by the end of the packet", () => {
    for (const first of [0x40, 0x50, 0x62, 0x70])
      for (const length of ["80", "ff ff", "ff ff ff"])
        expectClosedBy(packet(first, hex("00 01 00"), hex(length)), "ERR_MALFORMED_PACKET", 0x81);
    for (const length of ["80", "ff ff", "ff ff ff"]) {
      expectClosedBy(packet(0x30, mqttString("t"), hex(length)), "ERR_MALFORMED_PACKET", 0x81);
      expectClosedBy(packet(0xe0, hex("00"), hex(length)), "ERR_MALFORMED_PACKET", 0x81);
      expectClosedBy(packet(0x90, hex("00 01"), hex(length)), "ERR_MALFORMED_PACKET", 0x81);
    }
  });

  it("2.2.2.1: closes on bytes behind the properties of a packet that ends with them", () => {
    for (const rest of ["00", "00 00", "1f 00 01 61"]) {
      for (const first of [0x40, 0x50, 0x62, 0x70])
        for (const list of ["00", "04 1f 00 01 61"])
          expectClosedBy(packet(first, hex("00 01 00"), hex(list), hex(rest)), "ERR_MALFORMED_PACKET", 0x81);
      for (const list of ["00", "04 1f 00 01 61"])
        expectClosedBy(packet(0xe0, hex("00"), hex(list), hex(rest)), "ERR_MALFORMED_PACKET", 0x81);
    }
  });

  it("2.2.2.2: closes on a property that is cut off by the end of the properties, whatever lies behind", () => {
    for (const list of ["01 1f", "02 1f 00", "03 1f 00 01", "04 1f 00 02 61", "01 26", "04 26 00 01 61", "05 26 00 01 61 00"]) {
      expectClosedBy(packet(0x90, hex("00 01"), hex(list), hex("00")), "ERR_MALFORMED_PACKET", 0x81);
      expectClosedBy(packet(0x40, hex("00 01 00"), hex(list)), "ERR_MALFORMED_PACKET", 0x81);
    }
    const ofPublish = ["01 01", "01 02", "04 02 00 00 00", "01 0b", "02 0b 80", "02 23 00", "02 09 00", "03 09 00 01"];
    for (const list of ofPublish) {
      expectClosedBy(packet(0x30, mqttString("t"), hex(list), hex("01 01 01 01 01 01")), "ERR_MALFORMED_PACKET", 0x81);
      expectClosedBy(packet(0x32, mqttString("t"), hex("00 01"), hex(list)), "ERR_MALFORMED_PACKET", 0x81);
    }
  });

  /** Every property but those that the packet may have, with the shortest value of its type behind it. */
  const VALUES: Record<number, string> = {
    1: "00",
    2: "00 00 00 00",
    3: "00 00",
    8: "00 01 61",
    9: "00 00",
    11: "01",
    17: "00 00 00 00",
    18: "00 01 61",
    19: "00 00",
    21: "00 01 6d",
    22: "00 00",
    23: "00",
    24: "00 00 00 00",
    25: "00",
    26: "00 00",
    28: "00 00",
    31: "00 00",
    33: "00 01",
    34: "00 00",
    35: "00 01",
    36: "00",
    37: "00",
    38: "00 00 00 00",
    39: "00 00 00 01",
    40: "00",
    41: "00",
    42: "00",
  };
  const ALLOWED: Record<string, readonly [allowed: readonly number[], put: (list: Uint8Array) => Uint8Array]> = {
    PUBLISH: [[1, 2, 3, 8, 9, 11, 35, 38], (list) => packet(0x30, mqttString("t"), list)],
    "PUBLISH with QoS 2": [[1, 2, 3, 8, 9, 11, 35, 38], (list) => packet(0x34, mqttString("t"), uint16(1), list)],
    PUBACK: [[31, 38], (list) => packet(0x40, uint16(1), hex("00"), list)],
    PUBREC: [[31, 38], (list) => packet(0x50, uint16(1), hex("00"), list)],
    PUBREL: [[31, 38], (list) => packet(0x62, uint16(1), hex("00"), list)],
    PUBCOMP: [[31, 38], (list) => packet(0x70, uint16(1), hex("00"), list)],
    SUBACK: [[31, 38], (list) => packet(0x90, uint16(1), list, hex("00"))],
    UNSUBACK: [[31, 38], (list) => packet(0xb0, uint16(1), list, hex("00"))],
    // Session Expiry Interval belongs in a DISCONNECT, though not in a server's, which is another error.
    DISCONNECT: [[17, 28, 31, 38], (list) => packet(0xe0, hex("00"), list)],
  };
  for (const [name, [allowed, put]] of Object.entries(ALLOWED))
    it(`2.2.2.2: closes on each property that does not belong in ${name}, and on each identifier that is none`, () => {
      for (let identifier = 0; identifier < 256; identifier++) {
        if (allowed.includes(identifier)) continue;
        const value = hex(VALUES[identifier] ?? "00");
        const list = properties([concat(Uint8Array.of(identifier), value)]);
        expectClosedBy(put(list), "ERR_MALFORMED_PACKET", 0x81);
      }
    });

  it("2.2.2.2: closes on identifiers of more than one byte, of which there are none", () => {
    for (const identifier of ["80 01", "ff 01", "80 80 01", "80 80 80 01", "80 80 80 80 01"])
      for (const [, put] of Object.values(ALLOWED))
        expectClosedBy(put(properties([hex(`${identifier} 00 00 00 00`)])), "ERR_MALFORMED_PACKET", 0x81);
  });

  const SINGLE: Record<string, readonly string[]> = {
    PUBLISH: ["01 01", "02 00 00 00 01", "03 00 01 61", "08 00 01 61", "09 00 01 61"],
    PUBACK: ["1f 00 01 61"],
    PUBREC: ["1f 00 01 61"],
    PUBREL: ["1f 00 01 61"],
    PUBCOMP: ["1f 00 01 61"],
    SUBACK: ["1f 00 01 61"],
    UNSUBACK: ["1f 00 01 61"],
    DISCONNECT: ["1f 00 01 61", "1c 00 01 61"],
  };
  for (const [name, list] of Object.entries(SINGLE))
    it(`2.2.2.2: closes on each property of ${name} that comes twice, next to itself or with another between`, () => {
      const [, put] = ALLOWED[name];
      for (const single of list)
        for (const between of ["", "26 00 01 61 00 01 62"]) {
          const violation = put(properties([hex(single), hex(between), hex(single)]));
          expectClosedBy(violation, "ERR_PROTOCOL", 0x82);
        }
    });

  it("2.2.2.2: closes on a Topic Alias that comes twice", () => {
    const violation = publish({ topic: "t", properties: [["topicAlias", 1], ["topicAlias", 1]] });
    expectClosedBy(violation, "ERR_PROTOCOL", 0x82, { topicAliasMaximum: 5 });
  });

  it("2.2.2.2: there is no significance in the order of properties", () => {
    const list = [
      ["payloadFormatIndicator", 1],
      ["messageExpiryInterval", 5],
      ["contentType", "c"],
      ["responseTopic", "r"],
      ["correlationData", "d"],
      ["subscriptionIdentifier", 6],
      ["topicAlias", 1],
      ["userProperty", ["n", "v"]],
    ] as const;
    const seen: unknown[] = [];
    const { broker } = connect({
      topicAliasMaximum: 1,
      onMessage: ({ properties: received }) =>
        seen.push([
          received.get("payloadFormatIndicator"),
          received.get("messageExpiryInterval"),
          received.get("contentType"),
          received.get("responseTopic"),
          received.get("correlationData"),
          received.get("subscriptionIdentifier"),
          received.get("userProperties"),
        ]),
    });
    for (let first = 0; first < list.length; first++) {
      const rotated = [...list.slice(first), ...list.slice(0, first)];
      broker.send(publish({ topic: "t", properties: rotated }));
      broker.sendByteByByte(publish({ topic: "t", properties: rotated.toReversed() }));
    }
    expect(seen).toEqual(Array(16).fill([true, 5, "c", "r", hex("64"), 6, [["n", "v"]]]));
    broker.expectOpen();
  });
});

describe("2.3 Payload", () => {
  it("2.3: a PUBLISH without payload ends with its properties", () => {
    const { broker, client, events } = connect();
    client.publish("t", "", 1);
    broker.expectBytes(packet(0x32, mqttString("t"), uint16(1), hex("00")));
    client.publish("t", "", 0, false, new Properties({ payloadFormatIndicator: true }));
    broker.expectBytes(packet(0x30, mqttString("t"), hex("02 01 01")));
    broker.expectNothing();
    broker.send("30 06 00 01 74 02 01 01");
    expect(events).toEqual(["message t: "]);
  });
});

describe("2.4 Reason Code", () => {
  /** What each packet may have from a server (table 2-6), and how it is put into one. */
  const CODES: Record<string, readonly [legal: readonly number[], put: (code: number) => Uint8Array]> = {
    PUBACK: [[0, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99], (code) => puback(1, code, [], "long")],
    PUBREC: [[0, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99], (code) => pubrec(1, code, [], "long")],
    PUBREL: [[0, 0x92], (code) => pubrel(1, code, [], "long")],
    PUBCOMP: [[0, 0x92], (code) => pubcomp(1, code, [], "long")],
    SUBACK: [[0, 1, 2, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2], (code) => suback(1, code)],
    UNSUBACK: [[0, 0x11, 0x80, 0x83, 0x87, 0x8f, 0x91], (code) => unsuback(1, code)],
  };
  for (const [name, [legal, put]] of Object.entries(CODES))
    it(`2.4: ${name} may have the Reason Codes that the standard gives it, and no other of 0 to 255`, () => {
      for (let code = 0; code < 256; code++) {
        if (!legal.includes(code)) {
          expectClosedBy(put(code), "ERR_PROTOCOL", 0x82);
          continue;
        }
        const { broker, client } = connect();
        broker.send(put(code));
        broker.sendByteByByte(put(code));
        expect(client.connected, `0x${code.toString(16)}`).toBe(true);
      }
    });
});
