import { describe, expect, it } from "vitest";
import { WOULD_BLOCK } from "mqtt-xs";
import { puback, pubcomp, publish, pubrec, pubrel, suback } from "../support/packets.js";
import { connect, messages, PERSISTENT, reconnect, start } from "./support.js";

describe("4.1 Storing state", () => {
  it("MQTT-4.1.0-1: state of either direction survives any number of lost connections and long times without one", () => {
    const fixture = connect(PERSISTENT);
    const { broker, client, events } = fixture;
    client.subscribe({ filter: "a", handler: ({ topic }) => events.push(`handler ${topic}`) });
    broker.send(suback(1, 0));
    client.publish("t", "1", 1); // 2
    client.publish("t", "2", 2); // 3
    client.publish("t", "3", 2); // 4
    broker.sendTogether(pubrec(4), publish({ topic: "in", qos: 2, identifier: 7 }));
    broker.transport.takeSent();
    for (let connection = 0; connection < 10; connection++) {
      broker.drop();
      broker.advance(0);
      broker.transport.refuse();
      broker.advance(24 * 3_600_000);
      broker.drop();
      broker.advance(0);
      reconnect(fixture, { sessionPresent: true });
      broker.expect("PUBLISH", { identifier: 2, payload: "1", dup: true });
      broker.expect("PUBLISH", { identifier: 3, payload: "2", dup: true });
      broker.expect("PUBREL", { identifier: 4 });
      broker.expectNothing();
    }
    broker.send(publish({ topic: "in", qos: 2, dup: true, identifier: 7 }));
    broker.expectBytes(pubrec(7));
    broker.send(publish({ topic: "a" }));
    expect(events.filter((event) => /message|handler/.test(event))).toEqual(["message in: ", "handler a"]);
  });

  it("MQTT-4.1.0-1: state ends with its last acknowledgement, not later", () => {
    const fixture = connect(PERSISTENT);
    const { broker, client, events } = fixture;
    client.publish("t", "1", 1);
    client.publish("t", "2", 2);
    broker.send(publish({ topic: "in", payload: "first", qos: 2, identifier: 7 }));
    broker.sendTogether(puback(1), pubrec(2), pubrel(7));
    broker.send(pubcomp(2));
    broker.transport.takeSent();
    reconnect(fixture, { sessionPresent: true });
    broker.expectNothing();
    broker.send(publish({ topic: "in", payload: "second", qos: 2, identifier: 7 }));
    broker.expectBytes(pubrec(7));
    expect(messages({ events })).toEqual(["message in: first", "message in: second"]);
    expect(client.inflight).toBe(0);
  });

  it("MQTT-4.1.0-2: while connected no state is given up, however long an acknowledgement takes", () => {
    const { broker, client, events } = connect({ ...PERSISTENT, keepalive: 60 });
    client.publish("t", "1", 1);
    client.publish("t", "2", 2);
    broker.transport.takeSent();
    broker.send(publish({ topic: "in", qos: 2, identifier: 7 }));
    broker.transport.takeSent();
    for (let time = 0; time < 24 * 3_600_000; time += 27_000) {
      broker.advance(27_000);
      for (const sent of broker.takePackets()) if (sent.type === "PINGREQ") broker.send("d0 00");
    }
    broker.sendTogether(puback(1), pubrec(2), publish({ topic: "in", qos: 2, dup: true, identifier: 7 }));
    broker.expectBytes(pubrel(2));
    broker.expectBytes(pubrec(7));
    broker.send(pubcomp(2));
    expect(events).toEqual(["message in: ", "delivered 1", "delivered 2"]);
  });

  it("MQTT-4.1.0-2: while connected a clean session keeps its state too", () => {
    const { broker, events } = connect({ keepalive: 0 });
    broker.send(publish({ topic: "in", qos: 2, identifier: 7 }));
    broker.advance(24 * 3_600_000);
    broker.send(publish({ topic: "in", qos: 2, dup: true, identifier: 7 }));
    expect(events).toEqual(["message in: "]);
  });
});

describe("the limits of the stored state", () => {
  it("would block where every slot is taken, connected or not, and tells when one is free", () => {
    const fixture = connect({ ...PERSISTENT, inflight: 2 });
    const { broker, client, events } = fixture;
    expect([1, 2, 1].map((qos) => client.publish("t", "", qos === 1 ? 1 : 2))).toEqual([1, 2, WOULD_BLOCK]);
    broker.transport.takeSent();
    broker.drop();
    expect(client.publish("t", "", 1)).toBe(WOULD_BLOCK);
    reconnect(fixture, { sessionPresent: true });
    broker.transport.takeSent();
    broker.send(pubrec(2));
    broker.expect("PUBREL");
    expect(client.publish("t", "", 2)).toBe(WOULD_BLOCK);
    expect(events).not.toContain("writable");
    broker.send(pubcomp(2));
    expect(events.slice(-2)).toEqual(["delivered 2", "writable"]);
    expect(client.publish("t", "", 2)).toBeGreaterThan(0);
    expect(client.inflight).toBe(2);
  });

  it("a message that would block leaves no trace", () => {
    const { broker, client } = connect({ inflight: 1 });
    const first = client.publish("t", "kept", 1);
    for (let attempt = 0; attempt < 100; attempt++) expect(client.publish("t", "refused", 1)).toBe(WOULD_BLOCK);
    broker.expect("PUBLISH", { payload: "kept" });
    broker.expectNothing();
    broker.send(puback(first));
    expect(client.publish("t", "next", 1)).toBe(first + 1);
  });

  it("QoS 0 would block while there is no connection, and is told when there is one", () => {
    const { broker, client, events } = start();
    expect(client.publish("t", "")).toBe(WOULD_BLOCK);
    broker.acceptConnection();
    expect(events).toEqual(["connected", "writable"]);
    broker.expectNothing();
    expect(client.publish("t", "")).toBe(0);
    broker.drop();
    expect(client.publish("t", "")).toBe(WOULD_BLOCK);
    broker.advance(0);
    broker.acceptConnection();
    broker.expectNothing();
    expect(events.slice(2)).toEqual(["disconnected ERR_CONNECTION_CLOSED", "connected", "writable"]);
  });

  it("QoS 0 would block where the stream takes no more and the buffer is full; nothing of what was taken is lost", () => {
    const { broker, client, events } = connect({ packetSize: 64 });
    broker.transport.room = 0;
    let taken = 0;
    while (client.publish("t", String(taken % 10)) === 0) taken++;
    expect(taken).toBe(10);
    expect(events).toEqual([]);
    broker.transport.makeRoom(Infinity);
    expect(events).toEqual(["writable"]);
    for (let index = 0; index < taken; index++) broker.expect("PUBLISH", { payload: String(index) });
    broker.expectNothing();
  });

  it("onWritable comes once for all that would have blocked, and not unasked", () => {
    const { broker, client, events } = connect({ inflight: 1 });
    client.publish("t", "", 1);
    broker.send(puback(1));
    expect(events).toEqual(["delivered 1"]);
    client.publish("t", "", 1);
    client.publish("t", "", 1);
    client.publish("t", "", 1);
    broker.send(puback(2));
    expect(events.slice(1)).toEqual(["delivered 2", "writable"]);
  });

  it("received messages wait, unacknowledged and undelivered, while the stream takes no acknowledgement; none is lost", () => {
    const { broker, events } = connect({ packetSize: 32 });
    broker.transport.room = 0;
    for (let identifier = 1; identifier <= 30; identifier++) broker.send(publish({ topic: "t", qos: 1, identifier }));
    const delivered = events.length;
    expect(delivered).toBeGreaterThan(0);
    expect(delivered).toBeLessThan(30);
    broker.transport.makeRoom(Infinity);
    for (let identifier = 1; identifier <= 30; identifier++) broker.expect("PUBACK", { identifier });
    expect(events).toHaveLength(30);
    broker.expectNothing();
  });
});
