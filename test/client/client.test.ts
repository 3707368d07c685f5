import { describe, expect, it } from "vitest";
import { type Message, Topic, WOULD_BLOCK } from "mqtt-xs";
import { publish, puback, pubcomp, pubrec, pubrel, suback, unsuback } from "../support/packets.js";
import { connected, PERSISTENT } from "./support.js";

describe("Client", () => {
  it("connects, publishes with every quality of service, and closes", () => {
    const { broker, client, events } = connected();
    expect(client.publish("a/b", "x")).toBe(0);
    broker.expect("PUBLISH", { topic: "a/b", payload: "x", qos: 0 });
    expect(client.publish(new Topic("a/b"), "y", 1, true)).toBe(1);
    broker.expect("PUBLISH", { topic: "a/b", payload: "y", qos: 1, retain: true, identifier: 1 });
    broker.send(puback(1));
    expect(client.publish("a/b", "z", 2)).toBe(2);
    broker.expect("PUBLISH", { qos: 2, identifier: 2 });
    broker.send(pubrec(2));
    broker.expect("PUBREL", { identifier: 2 });
    broker.send(pubcomp(2));
    client.close();
    broker.expect("DISCONNECT");
    broker.expectClosed();
    expect(events).toEqual([["delivered", 1], ["delivered", 2], ["disconnect", undefined]]);
  });

  it("receives with every quality of service", () => {
    const { broker, events } = connected();
    broker.send(publish({ topic: "t", payload: "0" }));
    broker.send(publish({ topic: "t", payload: "1", qos: 1, identifier: 5 }));
    broker.expect("PUBACK", { identifier: 5 });
    broker.sendByteByByte(publish({ topic: "t", payload: "2", qos: 2, identifier: 6 }));
    broker.expect("PUBREC", { identifier: 6 });
    broker.send(publish({ topic: "t", payload: "2", qos: 2, identifier: 6, dup: true }));
    broker.expect("PUBREC", { identifier: 6 });
    broker.send(pubrel(6));
    broker.expect("PUBCOMP", { identifier: 6 });
    expect(events).toEqual(["0", "1", "2"].map((text) => ["message", "t", text]));
  });

  it("sends and receives payloads larger than its buffers in pieces", () => {
    const large = Uint8Array.from({ length: 10_000 }, (_, index) => 97 + (index % 26));
    const pieces: Uint8Array[] = [];
    const { broker, client } = connected({ onMessage: (message: Message) => pieces.push(message.payload) }, { writeLimit: 512 });
    client.publish("big", large, 1);
    broker.expect("PUBLISH", { topic: "big", payload: large, qos: 1, identifier: 1 });
    broker.send(publish({ topic: "big", payload: large, qos: 1, identifier: 9 }));
    broker.expect("PUBACK", { identifier: 9 });
    expect(Buffer.concat(pieces).equals(large)).toBe(true);
    expect(pieces.length).toBe(20);
  });

  it("subscribes, routes, restores and unsubscribes", () => {
    const seen: string[] = [];
    const { broker, client } = connected();
    client.subscribe([{ filter: "a/+", qos: 1, handler: (m) => seen.push(m.topic) }, { filter: "b/#", qos: 2 }], (codes) =>
      seen.push([...codes].join()),
    );
    broker.expect("SUBSCRIBE", { identifier: 1 });
    broker.send(suback(1, 1, 0x80));
    broker.send(publish({ topic: "a/b" }));
    expect(seen).toEqual(["1,128", "a/b"]);
    broker.drop();
    broker.advance(500);
    broker.acceptConnection();
    broker.expect("SUBSCRIBE", { identifier: 2 });
    broker.send(suback(2, 1));
    client.unsubscribe("a/+");
    broker.expect("UNSUBSCRIBE", { identifier: 3 });
    broker.send(unsuback(3));
    broker.send(publish({ topic: "a/b" }));
    expect(seen.length).toBe(2);
  });

  it("resends in order with DUP after a reconnect to the same session", () => {
    const { broker, client } = connected(PERSISTENT);
    for (const payload of ["1", "2", "3"]) client.publish("t", payload, 2);
    expect(client.publish("t", "4", 1)).toBe(4);
    expect(client.publish("t", "5", 1)).toBe(WOULD_BLOCK);
    broker.takePackets();
    broker.send(pubrec(1));
    broker.expect("PUBREL", { identifier: 1 });
    broker.drop();
    broker.advance(1000);
    broker.acceptConnection({ sessionPresent: true });
    broker.expect("PUBLISH", { identifier: 2, dup: true });
    broker.expect("PUBLISH", { identifier: 3, dup: true });
    broker.expect("PUBLISH", { identifier: 4, dup: true });
    broker.expect("PUBREL", { identifier: 1 });
  });

  it("keeps alive, and notices a dead server", () => {
    const { broker, events } = connected({ keepalive: 10 });
    broker.advance(9000);
    broker.expect("PINGREQ");
    broker.send("d0 00");
    broker.advance(9000);
    broker.expect("PINGREQ");
    broker.advance(6000);
    broker.expectClosed();
    expect(events.at(-1)).toEqual(["disconnect", "ERR_KEEPALIVE_TIMEOUT"]);
  });
});
