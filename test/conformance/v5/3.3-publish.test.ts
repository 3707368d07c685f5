import { describe, expect, it } from "vitest";
import { Topic as PlainTopic, type QoS } from "mqtt-xs";
import { Properties, Topic } from "mqtt-xs/v5";
import { hex, mqttString, packet, puback, publish, pubrec, uint16 } from "../../support/v5/packets.js";
import { connect, expectClosedBy, expectRefused, PERSISTENT, reconnect } from "./support.js";

const QUALITIES = [0, 1, 2] as const;

/** Bytes that tell where in a payload they stand. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7) & 0xff);
}

describe("3.3.1.1 DUP", () => {
  it("MQTT-3.3.1-1: a PUBLISH of QoS 1 or 2 that is sent again has DUP set, and nothing else of it changes", () => {
    const fixture = connect(PERSISTENT);
    const { broker, client } = fixture;
    const properties = new Properties({ contentType: "c", userProperties: { a: "b" } });
    const list = [["contentType", "c"], ["userProperty", ["a", "b"]]] as const;
    client.publish("a/b", "one", 1, true);
    client.publish("a/b", "two", 2, false, properties);
    broker.expectBytes(publish({ topic: "a/b", payload: "one", qos: 1, retain: true, identifier: 1 }));
    broker.expectBytes(publish({ topic: "a/b", payload: "two", qos: 2, identifier: 2, properties: list }));
    for (let again = 0; again < 3; again++) {
      reconnect(fixture, { sessionPresent: true });
      broker.expectBytes(publish({ topic: "a/b", payload: "one", qos: 1, retain: true, dup: true, identifier: 1 }));
      broker.expectBytes(publish({ topic: "a/b", payload: "two", qos: 2, dup: true, identifier: 2, properties: list }));
      broker.expectNothing();
    }
  });

  it("MQTT-3.3.1-1: what was never sent has no DUP, though a reconnect came in between", () => {
    const fixture = connect(PERSISTENT);
    const { broker, client } = fixture;
    client.publish("t", "sent", 1);
    broker.expect("PUBLISH");
    broker.drop();
    client.publish("t", "waited", 1);
    reconnect(fixture, { sessionPresent: true });
    broker.expect("PUBLISH", { payload: "sent", dup: true });
    broker.expect("PUBLISH", { payload: "waited", dup: false });
    broker.expectNothing();
  });

  it("MQTT-3.3.1-1: what the server's Receive Maximum held back until the connection broke has no DUP either", () => {
    const fixture = connect(PERSISTENT, {}, { properties: [["receiveMaximum", 1]] });
    const { broker, client } = fixture;
    for (const payload of ["sent", "held back"]) client.publish("t", payload, 2);
    broker.expect("PUBLISH", { payload: "sent", dup: false });
    broker.expectNothing();
    reconnect(fixture, { sessionPresent: true });
    broker.expect("PUBLISH", { payload: "sent", dup: true });
    broker.expect("PUBLISH", { payload: "held back", dup: false });
    broker.expectNothing();
  });

  it("MQTT-3.3.1-1: a message sent in pieces has DUP set when it is sent again as a whole", () => {
    const payload = pattern(200);
    const fixture = connect({ ...PERSISTENT, packetSize: 64 });
    const { broker, client } = fixture;
    client.publish("t", payload, 2, false, new Properties({ contentType: "c" }));
    broker.expect("PUBLISH", { payload, dup: false, properties: { contentType: "c" } });
    reconnect(fixture, { sessionPresent: true });
    broker.expect("PUBLISH", { payload, dup: true, identifier: 1, properties: { contentType: "c" } });
    broker.expectNothing();
  });

  it("MQTT-3.3.1-1: a message that broke off half-way has DUP set the next time, for the server may have seen its head", () => {
    const payload = pattern(200);
    const fixture = connect({ ...PERSISTENT, packetSize: 64 });
    const { broker, client } = fixture;
    broker.transport.room = 100;
    client.publish("t", payload, 1);
    expect(broker.transport.takeSent().length).toBeGreaterThan(10);
    broker.transport.room = Infinity;
    reconnect(fixture, { sessionPresent: true });
    broker.expect("PUBLISH", { payload, dup: true, identifier: 1 });
    broker.expectNothing();
  });

  it("MQTT-3.3.1-1: a session that the server has lost gets the messages anew, without DUP", () => {
    const fixture = connect(PERSISTENT);
    const { broker, client } = fixture;
    client.publish("t", "x", 1);
    broker.expect("PUBLISH");
    reconnect(fixture, { sessionPresent: true });
    broker.expect("PUBLISH", { dup: true });
    reconnect(fixture, { sessionPresent: false });
    broker.expect("PUBLISH", { dup: false, payload: "x" });
    broker.expectNothing();
  });

  it("MQTT-3.3.1-2: a PUBLISH of QoS 0 never has DUP, and is never sent again", () => {
    const fixture = connect(PERSISTENT);
    const { broker, client } = fixture;
    client.publish("t", "x");
    broker.expectBytes("30 05 00 01 74 00 78");
    reconnect(fixture, { sessionPresent: true });
    broker.expectNothing();
  });

  it("MQTT-3.3.1-2: closes on DUP with QoS 0", () => {
    for (const flags of ["38", "39"]) expectClosedBy(`${flags} 05 00 01 74 00 78`, "ERR_MALFORMED_PACKET", 0x81);
  });

  it("MQTT-3.3.1-3: a message with DUP that did not come before is delivered like one without", () => {
    const { broker, events } = connect();
    broker.send(publish({ topic: "t", payload: "1", qos: 1, dup: true, identifier: 5 }));
    broker.expectBytes(puback(5));
    broker.send(publish({ topic: "t", payload: "2", qos: 2, dup: true, identifier: 5 }));
    broker.expectBytes(pubrec(5));
    expect(events).toEqual(["message t: 1", "message t: 2"]);
  });
});

describe("3.3.1.2 QoS", () => {
  for (const flags of ["36", "37", "3e", "3f"])
    it(`MQTT-3.3.1-4: closes on QoS 3, in a PUBLISH that begins with ${flags}, before the rest of it comes`, () => {
      expectClosedBy(`${flags} 06 00 01 74 00 01 00`, "ERR_MALFORMED_PACKET", 0x81);
      const { broker, events } = connect({ reconnectPeriod: 0 });
      broker.send(flags);
      broker.expectBytes("e0 01 81");
      broker.expectClosed();
      expect(events).toEqual(["disconnected ERR_MALFORMED_PACKET"]);
    });

  for (const qos of [3, -1, 0.5, NaN, 256])
    it(`MQTT-3.3.1-4: refuses to publish with QoS ${qos}`, () => {
      const { broker, client } = connect();
      expectRefused(() => client.publish("t", "", qos as QoS), "ERR_ARGUMENT", "qos");
      broker.expectNothing();
      expect(client.inflight).toBe(0);
    });
});

describe("3.3.1.3 RETAIN", () => {
  it("3.3.1.3: RETAIN goes out as the application says, with an empty payload too", () => {
    const { broker, client } = connect();
    for (const qos of QUALITIES)
      for (const retain of [false, true]) {
        const identifier = client.publish("t", "", qos, retain);
        broker.expectBytes(publish({ topic: "t", qos, retain, identifier }));
        if (qos === 1) broker.send(puback(identifier));
      }
    broker.expectNothing();
  });

  it("3.3.1.3: the application sees whether a message was retained", () => {
    const retained: boolean[] = [];
    const { broker } = connect({ onMessage: ({ retain }) => retained.push(retain) });
    for (const qos of QUALITIES)
      for (const retain of [true, false]) broker.send(publish({ topic: "t", retain, qos, identifier: retain ? 1 : 2 }));
    expect(retained).toEqual([true, false, true, false, true, false]);
  });
});

describe("3.3.1.4 Remaining Length", () => {
  // Too short for a Topic Name, for an identifier, for a Property Length; and a length that runs on.
  for (const bytes of [
    "30 00",
    "30 01 00",
    "30 02 00 00",
    "30 02 00 01",
    "30 03 00 01 74",
    "30 03 00 02 74",
    "32 03 00 01 74",
    "32 04 00 01 74 00",
    "32 05 00 01 74 00 01",
    "34 05 00 01 74 00 01",
    "30 04 ff ff 74 00",
    "30 ff ff ff ff 01 00 01 74 00",
    "30 80 80 80 80 00",
  ])
    it(`3.3.1.4: closes on a PUBLISH that ends before its properties: ${bytes}`, () => {
      expectClosedBy(bytes, "ERR_MALFORMED_PACKET", 0x81);
    });

  it("3.3.1.4: the shortest PUBLISH of each QoS is legal", () => {
    const { broker, events } = connect();
    broker.send("30 04 00 01 74 00");
    broker.send("32 06 00 01 74 00 01 00");
    broker.expectBytes(puback(1));
    broker.send("34 06 00 01 74 00 01 00");
    broker.expectBytes(pubrec(1));
    expect(events).toEqual(["message t: ", "message t: ", "message t: "]);
    broker.expectNothing();
  });

  for (const remaining of [127, 128, 16_383, 16_384])
    it(`3.3.1.4: a Remaining Length of ${remaining} is written and read, whole or in pieces`, () => {
      for (const packetSize of [64, 20_000])
        for (const qos of QUALITIES) {
          const received: number[] = [];
          const { broker, client } = connect(
            { packetSize, onMessage: ({ payload }) => received.push(...payload) },
            { writeLimit: 20_000 },
          );
          const payload = pattern(remaining - (qos === 0 ? 4 : 6));
          const identifier = client.publish("t", payload, qos);
          broker.expectBytes(publish({ topic: "t", payload, qos, identifier }));
          broker.send(publish({ topic: "t", payload, qos, identifier: 9 }));
          expect(received).toEqual([...payload]);
        }
    });
});

describe("3.3.2.1 Topic Name", () => {
  it("MQTT-3.3.2-1: the Topic Name comes first, then the Packet Identifier, then the properties", () => {
    const { broker, client } = connect();
    client.publish("a/b", "p", 1);
    broker.expectBytes("32 09 00 03 61 2f 62 00 01 00 70");
    client.publish("a/b", "p", 0);
    broker.expectBytes("30 07 00 03 61 2f 62 00 70");
    client.publish("a/b", "p", 2, false, new Properties({ payloadFormatIndicator: true }));
    broker.expectBytes("34 0b 00 03 61 2f 62 00 02 02 01 01 70");
  });

  it("MQTT-3.3.2-1: a prepared topic, of either kind, and its text send the same bytes", () => {
    const { broker, client } = connect();
    client.publish("é/😀", "p");
    const bytes = broker.expect("PUBLISH", { topic: "é/😀" }).bytes;
    for (const topic of [new PlainTopic("é/😀"), new Topic("é/😀")]) {
      client.publish(topic, "p");
      broker.expectBytes(bytes);
    }
  });

  it("MQTT-3.3.2-1: the application gets the Topic Name, unchanged", () => {
    const { broker, events } = connect();
    for (const topic of ["/", "a//b", " ", "$SYS/x", "é/😀", "A", "\ufeffa", "a".repeat(300)]) {
      broker.sendByteByByte(publish({ topic, payload: "p" }));
      expect(events.at(-1)).toBe(`message ${topic}: p`);
    }
  });

  for (const bytes of ["c3 28", "80", "c0 af", "ed a0 80", "ed bf bf", "f4 90 80 80", "61 e2 82", "61 00", "00"])
    it(`MQTT-3.3.2-1: closes on a Topic Name of the bytes ${bytes}, of any QoS`, () => {
      for (const qos of QUALITIES) expectClosedBy(publish({ topic: hex(bytes), qos }), "ERR_MALFORMED_PACKET", 0x81);
    });

  for (const topic of ["\ud800", "a\udc00", "a\u0000b", "", "a".repeat(65_536)])
    it(`MQTT-3.3.2-1: refuses to publish to ${JSON.stringify(topic.slice(0, 8))} of length ${topic.length}`, () => {
      const { broker, client } = connect();
      for (const qos of QUALITIES) expectRefused(() => client.publish(topic, "", qos), "ERR_TOPIC");
      expectRefused(() => new Topic(topic), "ERR_TOPIC");
      broker.expectNothing();
      expect(client.inflight).toBe(0);
    });

  for (const topic of ["+", "#", "a/+", "a/+/b", "a/#", "a+", "#a", "+/a"]) {
    it(`MQTT-3.3.2-2: refuses to publish to ${topic}`, () => {
      const { broker, client } = connect();
      for (const qos of QUALITIES) expectRefused(() => client.publish(topic, "", qos), "ERR_TOPIC");
      expectRefused(() => new Topic(topic), "ERR_TOPIC");
      expectRefused(() => connect({ will: { topic } }), "ERR_TOPIC");
      broker.expectNothing();
    });

    it(`MQTT-3.3.2-2: closes on a message to ${topic}`, () => {
      for (const qos of QUALITIES) expectClosedBy(publish({ topic, qos }), "ERR_PROTOCOL", 0x82);
    });

    it(`MQTT-3.3.2-2: closes on a message to ${topic} that has an alias besides`, () => {
      const options = { topicAliasMaximum: 1 };
      for (const qos of QUALITIES)
        expectClosedBy(publish({ topic, qos, properties: [["topicAlias", 1]] }), "ERR_PROTOCOL", 0x82, options);
    });
  }

  it("3.3.2.1: closes on a message with neither Topic Name nor Topic Alias", () => {
    for (const qos of QUALITIES) {
      expectClosedBy(publish({ topic: "", qos }), "ERR_PROTOCOL", 0x82);
      expectClosedBy(publish({ topic: "", qos, properties: [["contentType", "c"]] }), "ERR_PROTOCOL", 0x82);
      expectClosedBy(publish({ topic: "", qos }), "ERR_PROTOCOL", 0x82, { topicAliasMaximum: 5 });
    }
  });
});

describe("3.3.2.2 Packet Identifier", () => {
  it("3.3.2.2: closes on identifier 0", () => {
    for (const qos of [1, 2] as const) expectClosedBy(publish({ topic: "t", qos, identifier: 0 }), "ERR_PROTOCOL", 0x82);
  });

  it("3.3.2.2: takes every other, 1 and 65,535 among them", () => {
    const { broker } = connect();
    for (const identifier of [1, 255, 256, 65_535]) {
      broker.send(publish({ topic: "t", qos: 1, identifier }));
      broker.expectBytes(puback(identifier));
      broker.send(publish({ topic: "t", qos: 2, identifier }));
      broker.expectBytes(pubrec(identifier));
    }
  });
});

describe("3.3.3 Payload", () => {
  for (const qos of QUALITIES)
    it(`3.3.3: an empty payload of QoS ${qos} is a message like any other, in one piece at offset 0 of 0`, () => {
      const pieces: unknown[] = [];
      const { broker, client } = connect({ onMessage: ({ offset, length, total }) => pieces.push({ offset, length, total }) });
      const identifier = client.publish("t", new Uint8Array(0), qos);
      broker.expect("PUBLISH", { topic: "t", payload: "", qos, identifier });
      broker.sendByteByByte(publish({ topic: "t", qos, identifier: 5 }));
      broker.send(publish({ topic: "t", qos, identifier: 6, properties: [["contentType", "c"]] }));
      expect(pieces).toEqual([{ offset: 0, length: 0, total: 0 }, { offset: 0, length: 0, total: 0 }]);
    });

  for (const qos of QUALITIES)
    for (const contentType of [undefined, "text/plain"])
      it(`3.3.3: a payload of QoS ${qos} of about packetSize, with content type ${contentType}, is answered once`, () => {
        const properties = contentType === undefined ? [] : ([["contentType", contentType]] as const);
        const head = publish({ topic: "t", qos, properties }).length;
        for (let size = 64 - head - 2; size <= 64 - head + 4; size++) {
          const payload = pattern(size);
          const received: number[] = [];
          const { broker } = connect({
            packetSize: 64,
            onMessage: ({ offset, total, topic, payload: piece, properties: found }) => {
              expect({ offset, total, topic }).toEqual({ offset: received.length, total: size, topic: "t" });
              expect(found.get("contentType")).toBe(contentType);
              broker.expectNothing();
              received.push(...piece);
            },
          });
          broker.sendByteByByte(publish({ topic: "t", payload, qos, identifier: 5, properties }));
          expect(received).toEqual([...payload]);
          if (qos === 1) broker.expectBytes(puback(5));
          if (qos === 2) broker.expectBytes(pubrec(5));
          broker.expectNothing();
          broker.expectOpen();
        }
      });
});

describe("3.3.4 Actions", () => {
  for (const [qos, answer] of [[1, puback(7)], [2, pubrec(7)]] as const) {
    it(`MQTT-3.3.4-1: the acknowledgement of QoS ${qos} leaves only after the last of several handlers`, () => {
      const { broker, client } = connect();
      let calls = 0;
      const handler = (): void => {
        client.publish("other", "while the handler runs");
        broker.expect("PUBLISH", { topic: "other" });
        broker.expectNothing();
        calls++;
      };
      client.subscribe([{ filter: "t", handler }, { filter: "#", handler }]);
      broker.expect("SUBSCRIBE");
      broker.send(publish({ topic: "t", qos, identifier: 7 }));
      expect(calls).toBe(2);
      broker.expectBytes(answer);
      broker.expectNothing();
    });

    it(`MQTT-3.3.4-1: a message of QoS ${qos} is not acknowledged on another connection than it came over`, () => {
      const { broker, client } = connect({
        ...PERSISTENT,
        onMessage: () => {
          client.close();
          client.connect();
        },
      });
      broker.send(publish({ topic: "t", qos, identifier: 7 }));
      broker.expectConnecting(2);
      broker.acceptConnection({ sessionPresent: true });
      broker.expectNothing();
    });
  }

  it("3.3.4: closes, without acknowledging, on a topic that leaves no room for payload: the buffer is at fault", () => {
    const topic = mqttString("a".repeat(60));
    const options = { packetSize: 32 };
    expectClosedBy(packet(0x30, topic, Uint8Array.of(0)), "ERR_RECEIVE_SIZE", 0x97, options);
    expectClosedBy(packet(0x32, topic, uint16(1), Uint8Array.of(0)), "ERR_RECEIVE_SIZE", 0x97, options);
  });

  for (const [qos, head] of [[0, 5], [1, 7], [2, 7]] as const)
    it(`3.3.4: of QoS ${qos}, the longest topic that fits is taken, one shorter with a byte of payload at a time`, () => {
      for (const [length, payload] of [[32 - head, ""], [32 - head - 1, "x"], [32 - head - 1, "xyz"]] as const) {
        const received: string[] = [];
        const { broker } = connect({ packetSize: 32, onMessage: (message) => received.push(message.topic, message.text()) });
        broker.sendByteByByte(publish({ topic: "a".repeat(length), payload, qos, identifier: 3 }));
        const pieces = payload === "" ? [""] : Array.from(payload);
        expect(received).toEqual(pieces.flatMap((piece) => ["a".repeat(length), piece]));
        broker.expectOpen();
      }
    });
});
