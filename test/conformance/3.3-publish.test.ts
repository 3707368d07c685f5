import { describe, expect, it } from "vitest";
import { Topic, type QoS } from "mqtt-xs";
import { hex, mqttString, packet, puback, publish, pubrec } from "../support/packets.js";
import { connect, expectClosedBy, expectRefused, PERSISTENT, reconnect } from "./support.js";

const QUALITIES = [0, 1, 2] as const;

describe("3.3.1.1 DUP", () => {
  it("MQTT-3.3.1-1: a PUBLISH of QoS 1 or 2 that is sent again has DUP set, and nothing else of it changes", () => {
    const fixture = connect(PERSISTENT);
    const { broker, client } = fixture;
    client.publish("a/b", "one", 1, true);
    client.publish("a/b", "two", 2);
    broker.expectBytes(publish({ topic: "a/b", payload: "one", qos: 1, retain: true, identifier: 1 }));
    broker.expectBytes(publish({ topic: "a/b", payload: "two", qos: 2, identifier: 2 }));
    for (let again = 0; again < 3; again++) {
      reconnect(fixture, { sessionPresent: true });
      broker.expectBytes(publish({ topic: "a/b", payload: "one", qos: 1, retain: true, dup: true, identifier: 1 }));
      broker.expectBytes(publish({ topic: "a/b", payload: "two", qos: 2, dup: true, identifier: 2 }));
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
  });

  it("MQTT-3.3.1-1: a message sent in pieces has DUP set when it is sent again as a whole", () => {
    const payload = Uint8Array.from({ length: 200 }, (_, index) => index);
    const fixture = connect({ ...PERSISTENT, packetSize: 64 });
    const { broker, client } = fixture;
    client.publish("t", payload, 2);
    broker.expect("PUBLISH", { payload, dup: false });
    reconnect(fixture, { sessionPresent: true });
    broker.expect("PUBLISH", { payload, dup: true, identifier: 1 });
    broker.expectNothing();
  });

  it("MQTT-3.3.1-1: a message that broke off half-way has DUP set the next time, for the server may have seen its head", () => {
    const payload = Uint8Array.from({ length: 200 }, (_, index) => index);
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

  it("MQTT-3.3.1-2: a PUBLISH of QoS 0 never has DUP, and is never sent again", () => {
    const fixture = connect(PERSISTENT);
    const { broker, client } = fixture;
    client.publish("t", "x");
    broker.expectBytes("30 04 00 01 74 78");
    reconnect(fixture, { sessionPresent: true });
    broker.expectNothing();
  });

  it("MQTT-3.3.1-2: closes on DUP with QoS 0", () => {
    for (const flags of ["38", "39"]) expectClosedBy(`${flags} 04 00 01 74 78`, "ERR_MALFORMED_PACKET");
  });

  it("MQTT-3.3.1-3: a message of QoS 1 with DUP is delivered like one without", () => {
    const { broker, events } = connect();
    broker.send(publish({ topic: "t", payload: "x", qos: 1, dup: true, identifier: 5 }));
    broker.expectBytes(puback(5));
    expect(events).toEqual(["message t: x"]);
  });
});

describe("3.3.1.2 QoS", () => {
  for (const flags of ["36", "37", "3e", "3f"])
    it(`MQTT-3.3.1-4: closes on QoS 3, in a PUBLISH that begins with ${flags}, before the rest of it comes`, () => {
      expectClosedBy(`${flags} 05 00 01 74 00 01`, "ERR_MALFORMED_PACKET");
      const { broker, events } = connect();
      broker.send(flags);
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
  it("MQTT-3.3.1-10: an empty retained message is sent and received like any other", () => {
    const { broker, client } = connect();
    for (const qos of QUALITIES) {
      const identifier = client.publish("t", "", qos, true);
      broker.expectBytes(publish({ topic: "t", qos, retain: true, identifier }));
    }
    broker.expectNothing();
  });

  it("MQTT-3.3.1-8, MQTT-3.3.1-9: the application sees whether a message was retained", () => {
    const retained: boolean[] = [];
    const { broker } = connect({ onMessage: ({ retain }) => retained.push(retain) });
    broker.send(publish({ topic: "t", retain: true }));
    broker.send(publish({ topic: "t" }));
    expect(retained).toEqual([true, false]);
  });
});

describe("3.3.2 Variable header", () => {
  it("MQTT-3.3.2-1: the Topic Name comes first, before the Packet Identifier", () => {
    const { broker, client } = connect();
    client.publish("a/b", "p", 1);
    broker.expectBytes("32 08 00 03 61 2f 62 00 01 70");
    client.publish("a/b", "p", 0);
    broker.expectBytes("30 06 00 03 61 2f 62 70");
  });

  it("MQTT-3.3.2-1: a prepared topic and its text send the same bytes", () => {
    const { broker, client } = connect();
    client.publish("é/😀", "p");
    const bytes = broker.expect("PUBLISH").bytes;
    client.publish(new Topic("é/😀"), "p");
    broker.expectBytes(bytes);
  });

  it("MQTT-3.3.2-1: the application gets the Topic Name, unchanged", () => {
    const { broker, events } = connect();
    for (const topic of ["/", "a//b", " ", "$SYS/x", "é/😀", "A", "a".repeat(300)]) {
      broker.send(publish({ topic, payload: "p" }));
      expect(events.at(-1)).toBe(`message ${topic}: p`);
    }
  });

  it("MQTT-3.3.2-1: closes on a Topic Name that is not UTF-8, of any QoS", () => {
    for (const qos of QUALITIES) expectClosedBy(publish({ topic: hex("c3 28"), qos }), "ERR_MALFORMED_PACKET");
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
      for (const qos of QUALITIES) expectClosedBy(publish({ topic, qos }), "ERR_MALFORMED_PACKET");
    });
  }
});

describe("3.3.3 Payload", () => {
  for (const qos of QUALITIES)
    it(`an empty payload of QoS ${qos} is a message like any other`, () => {
      const { broker, client, events } = connect();
      const identifier = client.publish("t", new Uint8Array(0), qos);
      broker.expect("PUBLISH", { topic: "t", payload: "", qos, identifier });
      broker.send(publish({ topic: "t", qos, identifier: 5 }));
      expect(events).toEqual(["message t: "]);
    });

  it("an empty payload is one piece, at offset 0 of 0", () => {
    const pieces: unknown[] = [];
    const { broker } = connect({ onMessage: ({ offset, length, total }) => pieces.push({ offset, length, total }) });
    broker.sendByteByByte(publish({ topic: "t" }));
    expect(pieces).toEqual([{ offset: 0, length: 0, total: 0 }]);
  });

  for (const qos of QUALITIES)
    it(`a payload of QoS ${qos} just over the buffer comes in consecutive pieces, acknowledged once, after the last`, () => {
      const head = 2 + 2 + 1 + (qos > 0 ? 2 : 0);
      for (let size = 64 - head - 1; size <= 64 - head + 3; size++) {
        const payload = Uint8Array.from({ length: size }, (_, index) => index);
        const received: number[] = [];
        const { broker } = connect({
          packetSize: 64,
          onMessage: ({ offset, total, payload: piece }) => {
            expect({ offset, total }).toEqual({ offset: received.length, total: size });
            broker.expectNothing();
            received.push(...piece);
          },
        });
        broker.sendByteByByte(publish({ topic: "t", payload, qos, identifier: 5 }));
        expect(received).toEqual([...payload]);
        if (qos === 1) broker.expectBytes(puback(5));
        if (qos === 2) broker.expectBytes(pubrec(5));
        broker.expectNothing();
        broker.expectOpen();
      }
    });
});

describe("3.3.4 Response", () => {
  for (const [qos, answer] of [[1, puback(7)], [2, pubrec(7)]] as const) {
    it(`the acknowledgement of QoS ${qos} leaves only after the handler has returned`, () => {
      const { broker, client, events } = connect({
        onMessage: () => {
          client.publish("other", "while the handler runs");
          broker.expect("PUBLISH", { topic: "other" });
          broker.expectNothing();
          events.push("handler returns");
        },
      });
      broker.send(publish({ topic: "t", qos, identifier: 7 }));
      broker.expectBytes(answer);
      broker.expectNothing();
      expect(events).toEqual(["handler returns"]);
    });

    it(`the acknowledgement of QoS ${qos} leaves only after the last of several handlers`, () => {
      const { broker, client } = connect();
      let calls = 0;
      const handler = (): void => {
        broker.expectNothing();
        calls++;
      };
      client.subscribe([{ filter: "t", handler }, { filter: "#", handler }]);
      broker.expect("SUBSCRIBE");
      broker.send(publish({ topic: "t", qos, identifier: 7 }));
      expect(calls).toBe(2);
      broker.expectBytes(answer);
    });

    it(`a message of QoS ${qos} is not acknowledged on another connection than it came over`, () => {
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

  it("closes, without acknowledging, on a topic that leaves no room for payload, and says that the buffer is at fault", () => {
    expectClosedBy(packet(0x30, mqttString("a".repeat(60))), "ERR_RECEIVE_SIZE", { packetSize: 32 });
  });
});
