import { describe, expect, it } from "vitest";
import { VERSIONS } from "./versions.js";

describe.each(VERSIONS)("$name, 3.3.1.1 DUP", ({ connect, named, puback, publish, pubrec }) => {
  it(named("MQTT-3.3.1-1", "the application sees that a received message was sent again"), () => {
    const duplicates: boolean[] = [];
    const { broker } = connect({ onMessage: ({ duplicate }) => duplicates.push(duplicate) });
    for (const qos of [1, 2] as const)
      for (const dup of [false, true]) broker.send(publish({ topic: "t", qos, dup, identifier: dup ? 1 : 2 }));
    expect(duplicates).toEqual([false, true, false, true]);
  });

  it(named("MQTT-3.3.1-3", "DUP and QoS of a received message have no part in what the application sends on"), () => {
    const { broker, client } = connect({
      onMessage: (message) => client.publish(message.topic, message.payload, message.qos, message.retain),
    });
    broker.send(publish({ topic: "t", payload: "x", qos: 1, dup: true, identifier: 500 }));
    broker.expectBytes(publish({ topic: "t", payload: "x", qos: 1, identifier: 1 }));
    broker.expectBytes(puback(500));
    broker.send(publish({ topic: "t", payload: "x", qos: 2, dup: true, retain: true, identifier: 600 }));
    broker.expectBytes(publish({ topic: "t", payload: "x", qos: 2, retain: true, identifier: 2 }));
    broker.expectBytes(pubrec(600));
    broker.expectNothing();
  });
});

describe.each(VERSIONS)("$name, 3.3.1.2 QoS", ({ connect, publish, pubrel }) => {
  it("3.3.1: every legal combination of flags is sent and understood", () => {
    const seen: unknown[] = [];
    const { broker, client } = connect({
      inflight: 8,
      onMessage: ({ qos, retain, duplicate }) => seen.push({ qos, retain, duplicate }),
    });
    for (const qos of [0, 1, 2] as const)
      for (const retain of [false, true]) {
        const identifier = client.publish("t", "", qos, retain);
        broker.expectBytes(publish({ topic: "t", qos, retain, identifier }));
        for (const duplicate of qos === 0 ? [false] : [false, true]) {
          broker.send(publish({ topic: "t", qos, retain, dup: duplicate, identifier: 1 }));
          broker.transport.takeSent();
          broker.send(pubrel(1));
          broker.transport.takeSent();
          expect(seen.at(-1)).toEqual({ qos, retain, duplicate });
        }
      }
    expect(seen).toHaveLength(10);
  });
});

describe.each(VERSIONS)("$name, 3.3.2 Variable header", ({ connect, named, puback, publish }) => {
  it(named(["MQTT-3.3.2-3", "3.3.2.1"], "a message to a topic that nobody subscribed to is delivered and harms nothing"), () => {
    const { broker, events } = connect();
    broker.send(publish({ topic: "unasked", payload: "x", qos: 1, identifier: 3 }));
    broker.expectBytes(puback(3));
    expect(events).toEqual(["message unasked: x"]);
    broker.expectOpen();
  });
});

describe.each(VERSIONS)("$name, 3.3.4 Response", ({ connect, named, puback, pubcomp, publish, pubrec }) => {
  it(named("MQTT-3.3.4-1", "nothing for QoS 0, PUBACK for QoS 1, PUBREC for QoS 2, each in its shortest form"), () => {
    const { broker } = connect();
    broker.send(publish({ topic: "t", qos: 0 }));
    broker.expectNothing();
    broker.send(publish({ topic: "t", qos: 1, identifier: 0x0102 }));
    broker.expectBytes("40 02 01 02");
    broker.expectNothing();
    broker.send(publish({ topic: "t", qos: 2, identifier: 0x0304 }));
    broker.expectBytes("50 02 03 04");
    broker.expectNothing();
  });

  it(named("MQTT-3.3.4-1", "waits for PUBACK with QoS 1, for PUBREC and PUBCOMP with QoS 2, for nothing with QoS 0"), () => {
    const { broker, client, events } = connect();
    client.publish("t", "", 0);
    expect(client.inflight).toBe(0);
    client.publish("t", "", 1);
    client.publish("t", "", 2);
    broker.transport.takeSent();
    broker.send(puback(1));
    broker.send(pubrec(2));
    expect(events).toEqual(["delivered 1"]);
    broker.send(pubcomp(2));
    expect(events).toEqual(["delivered 1", "delivered 2"]);
  });
});
