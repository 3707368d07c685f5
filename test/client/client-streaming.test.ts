import { describe, expect, it } from "vitest";
import { type Client, type PayloadSource, Topic, WOULD_BLOCK } from "mqtt-xs";
import { Payload } from "mqtt-xs/payload";
import { concat, puback, pubcomp, publish, pubrec, utf8 } from "../support/packets.js";
import { connected, create, pattern, PERSISTENT, reconnect, SlowSource } from "./support.js";

const SMALL = { packetSize: 64 };

describe("room in the socket", () => {
  it("a QoS 0 message that finds none is refused, and onWritable says when to try again", () => {
    const { broker, client, events } = connected(SMALL);
    broker.transport.room = 0;
    const topic = new Topic("t");
    const payload = pattern(40);
    expect(client.publish(topic, payload)).toBe(0); // waits in the buffer for going out
    expect(client.publish(topic, payload)).toBe(WOULD_BLOCK);
    broker.expectNothing();
    expect(events).toEqual([]);
    broker.transport.makeRoom(1_000);
    broker.expect("PUBLISH", { payload });
    expect(events).toEqual([["writable"]]);
    expect(client.publish(topic, payload)).toBe(0);
    broker.expect("PUBLISH", { payload });
  });

  it("onWritable is not called where nothing was refused", () => {
    const { broker, client, events } = connected(SMALL);
    broker.transport.room = 0;
    client.publish("t", "x");
    broker.transport.makeRoom(1_000);
    expect(broker.transport.writableCalls).toBe(1);
    expect(events).toEqual([]);
  });

  it("QoS 1 and 2 messages wait for it in their slots", () => {
    const { broker, client } = connected({ ...SMALL, inflight: 3 });
    broker.transport.room = 0;
    for (const payload of ["1", "2", "3"]) expect(client.publish("t", payload, 1)).toBeGreaterThan(0);
    broker.expectNothing();
    broker.transport.makeRoom(8); // for one of them: 2 + 3 + 2 + 1
    broker.expect("PUBLISH", { payload: "1" });
    broker.expectNothing();
    broker.transport.makeRoom(1_000);
    broker.expect("PUBLISH", { payload: "2" });
    broker.expect("PUBLISH", { payload: "3" });
  });

  it("acknowledgements wait for it, and with them what comes in, without loss", () => {
    const { broker, events } = connected(SMALL);
    broker.transport.room = 0;
    const messages = Array.from({ length: 40 }, (_, index) => publish({ topic: "t", payload: String(index), qos: 1, identifier: index + 1 }));
    broker.sendTogether(...messages);
    expect(broker.transport.unread).toBeGreaterThan(0);
    expect(events.length).toBeLessThan(40);
    broker.transport.makeRoom(10_000);
    expect(broker.takePackets().map((packet) => packet.type === "PUBACK" && packet.identifier)).toEqual(messages.map((_, index) => index + 1));
    expect(events).toEqual(messages.map((_, index) => ["message", "t", String(index)]));
  });

  it("all of it gone, a QoS 0 message published while messages are received still finds some after the acknowledgements", () => {
    const replies: number[] = [];
    const { broker, client } = connected({ ...SMALL, onMessage: () => replies.push(client.publish("r", pattern(40))) });
    broker.sendTogether(...Array.from({ length: 8 }, (_, index) => publish({ topic: "t", qos: 1, identifier: index + 1 })));
    expect(replies).toEqual(Array.from({ length: 8 }, () => 0));
    expect(broker.takePackets().length).toBe(16);
  });
});

describe("slots", () => {
  it("when none is free, onWritable follows the acknowledgement that frees one", () => {
    const { broker, client, events } = connected({ inflight: 2 });
    client.publish("t", "1", 1);
    client.publish("t", "2", 2);
    expect(client.publish("t", "3", 1)).toBe(WOULD_BLOCK);
    broker.send(pubrec(2));
    expect(events).toEqual([]);
    broker.send(pubcomp(2));
    expect(events).toEqual([["delivered", 2], ["writable"]]);
    broker.send(puback(1));
    expect(events).toEqual([["delivered", 2], ["writable"], ["delivered", 1]]); // told once
  });

  it("may be taken again from within onWritable and onDelivered", () => {
    const { broker, client } = connected({ inflight: 1, onWritable: () => client.publish("t", "2", 1) });
    client.publish("t", "1", 1);
    expect(client.publish("t", "2", 1)).toBe(WOULD_BLOCK);
    broker.expect("PUBLISH", { payload: "1" });
    broker.send(puback(1));
    broker.expect("PUBLISH", { payload: "2", identifier: 2 });
  });
});

it("WOULD_BLOCK of a QoS 0 message before connecting is followed by onWritable once connected", () => {
  const { broker, client, events } = create();
  expect(client.publish("t", "x")).toBe(WOULD_BLOCK);
  client.connect();
  broker.acceptConnection();
  expect(events).toEqual([["connect", false], ["writable"]]);
});

describe.each([0, 1, 2] as const)("a source of a large payload, QoS %i", (qos) => {
  const content = pattern(300);

  it("is read as far as it is ready, and on after resume; other packets wait meanwhile", () => {
    const { broker, client, events } = connected({ ...SMALL, keepalive: 0 });
    const source = new SlowSource(content);
    source.ready = 100;
    const identifier = client.publish("big", source, qos);
    expect(identifier).toBe(qos === 0 ? 0 : 1);
    expect(client.publish("t", "0", 0)).toBe(WOULD_BLOCK);
    const other = client.publish("t", "1", 1);
    client.subscribe({ filter: "a" });
    broker.send(publish({ topic: "in", payload: "?", qos: 1, identifier: 9 }));
    expect(events).toContainEqual(["message", "in", "?"]);
    const announced = 3 + (2 + 3) + (qos > 0 ? 2 : 0);
    expect(broker.transport.sent.length).toBe(announced + 100);
    source.ready = 250;
    client.resume();
    expect(broker.transport.sent.length).toBe(announced + 250);
    client.resume(); // nothing new
    expect(broker.transport.sent.length).toBe(announced + 250);
    source.ready = 300;
    client.resume();
    broker.expect("PUBLISH", { topic: "big", payload: content, qos, dup: false });
    const rest = broker.takePackets();
    expect(rest.map(({ type }) => type).toSorted()).toEqual(["PUBACK", "PUBLISH", "SUBSCRIBE"]);
    expect(rest).toContainEqual(expect.objectContaining({ type: "PUBLISH", identifier: other }));
    expect(events).toContainEqual(["writable"]);
  });

  it("gives up half-way: the connection is closed, nothing else of the stream sent, the message dropped", () => {
    const { broker, client, events } = connected({ ...SMALL, keepalive: 0 });
    const source = new SlowSource(content);
    source.ready = 100;
    client.publish("big", source, qos);
    client.publish("t", "1", 1);
    source.abandons = true;
    broker.transport.takeSent();
    client.resume();
    broker.expectClosed();
    expect(events).toEqual([["disconnect", "ERR_PAYLOAD_ABANDONED"]]);
    expect(client.inflight).toBe(1);
    reconnect(broker);
    broker.expect("PUBLISH", { topic: "t", payload: "1", dup: false });
    broker.expectNothing();
  });

  it("throws half-way: the same, and its exception reaches whoever called", () => {
    const { broker, client, events } = connected({ ...SMALL, keepalive: 0 });
    const source = new SlowSource(content);
    client.publish("big", source, qos);
    source.read = () => {
      throw new Error("disk gone");
    };
    broker.transport.takeSent();
    expect(() => client.resume()).toThrow("disk gone");
    broker.expectClosed();
    expect(events).toEqual([["disconnect", "ERR_PAYLOAD_ABANDONED"]]);
    expect(client.inflight).toBe(0);
    reconnect(broker);
    expect(client.publish("t", "x")).toBe(0);
    broker.expect("PUBLISH", { payload: "x" });
  });

  it("says that it put more than it was asked for: the same", () => {
    const { broker, client, events } = connected({ ...SMALL, keepalive: 0 });
    client.publish("big", { length: 300, read: () => 301 }, qos);
    broker.transport.takeSent();
    broker.expectClosed();
    expect(events).toEqual([["disconnect", "ERR_PAYLOAD_ABANDONED"]]);
  });

  it("close in the midst closes without DISCONNECT, which would be payload", () => {
    const { broker, client, events } = connected({ ...SMALL, keepalive: 0 });
    const source = new SlowSource(content);
    source.ready = 100;
    client.publish("big", source, qos);
    broker.transport.takeSent();
    client.close();
    broker.expectClosed();
    expect(events).toEqual([["disconnect", undefined]]);
  });

  it("is announced with its whole length, and sent in pieces as the socket takes them", () => {
    const { broker, client } = connected({ ...SMALL, keepalive: 0 });
    const source = new SlowSource(content);
    source.ready = 300;
    broker.transport.room = 0;
    client.publish("big", source, qos);
    for (let step = 0; step < 20; step++) broker.transport.makeRoom(64 - broker.transport.room);
    broker.expect("PUBLISH", { payload: content, qos });
    broker.expectNothing();
  });
});

describe("a large QoS 1 or 2 message and reconnects", () => {
  it.each([1, 2] as const)("is sent again from position 0, DUP set, QoS %i", (qos) => {
    const { broker, client } = connected({ ...SMALL, ...PERSISTENT, keepalive: 0 });
    const source = new SlowSource(pattern(300));
    source.ready = 300;
    client.publish("big", source, qos);
    broker.expect("PUBLISH", { dup: false });
    broker.drop();
    source.positions.length = 0;
    reconnect(broker, { sessionPresent: true });
    broker.expect("PUBLISH", { topic: "big", payload: source.content, dup: true, identifier: 1 });
    expect(source.positions[0]).toBe(0);
    broker.send(qos === 1 ? puback(1) : pubrec(1));
    if (qos === 2) {
      broker.expect("PUBREL", { identifier: 1 });
      broker.send(pubcomp(1));
    }
    expect(client.inflight).toBe(0);
  });

  it("is sent again, DUP set, also when the first attempt broke half-way [MQTT-3.3.1-1]", () => {
    const { broker, client } = connected({ ...SMALL, ...PERSISTENT, keepalive: 0 });
    const source = new SlowSource(pattern(300));
    source.ready = 100;
    client.publish("big", source, 1);
    broker.transport.takeSent();
    broker.drop();
    source.ready = 300;
    reconnect(broker, { sessionPresent: true });
    broker.expect("PUBLISH", { payload: source.content, dup: true, identifier: 1 });
  });

  it("is sent anew, without DUP, when the server lost the session", () => {
    const { broker, client } = connected({ ...SMALL, ...PERSISTENT, keepalive: 0 });
    client.publish("big", pattern(300), 1);
    broker.expect("PUBLISH", { dup: false });
    broker.drop();
    reconnect(broker);
    broker.expect("PUBLISH", { payload: pattern(300), dup: false, identifier: 1 });
  });

  it("does not take an acknowledgement that comes before its last byte was sent", () => {
    const { broker, client, events } = connected({ ...SMALL, keepalive: 0 });
    const source = new SlowSource(pattern(300));
    source.ready = 100;
    client.publish("big", source, 1);
    broker.send(puback(1));
    expect(events).toEqual([]);
    source.ready = 300;
    client.resume();
    broker.expect("PUBLISH", { payload: source.content });
    broker.send(puback(1));
    expect(events).toEqual([["delivered", 1]]);
  });
});

describe("a source whose payload fits packetSize", () => {
  it.each([0, 1, 2] as const)("is read at once, and not again, QoS %i", (qos) => {
    const { broker, client } = connected({ keepalive: 0 });
    const source = new SlowSource(utf8("hello"));
    source.ready = 5;
    client.publish("t", source, qos);
    broker.expect("PUBLISH", { payload: "hello", qos });
    expect(source.positions).toEqual([0]);
  });

  it.each([0, 1] as const)("but is not ready, is waited for, QoS %i", (qos) => {
    const { broker, client } = connected({ keepalive: 0 });
    const source = new SlowSource(utf8("hello"));
    source.ready = 2;
    client.publish("t", source, qos);
    source.ready = 5;
    client.resume();
    broker.expect("PUBLISH", { payload: "hello", qos });
    broker.expectNothing();
  });

  it("may be empty", () => {
    const { broker, client } = connected();
    client.publish("t", new Payload(8));
    client.publish("t", new Payload(8), 1);
    broker.expect("PUBLISH", { payload: "", qos: 0 });
    broker.expect("PUBLISH", { payload: "", qos: 1 });
  });

  it("is composed anew while the message before waits in its slot", () => {
    const { broker, client } = create();
    const payload = new Payload(16);
    for (const value of [1, 2, 3]) client.publish("t", payload.clear().number(value), 1);
    client.connect();
    broker.acceptConnection();
    for (const value of ["1", "2", "3"]) broker.expect("PUBLISH", { payload: value });
  });

  it.each([0, 1] as const)("and throws, leaves nothing behind, QoS %i", (qos) => {
    const { broker, client } = connected({ keepalive: 0, inflight: 1 });
    const source: PayloadSource = {
      length: 3,
      read: () => {
        throw new Error("sensor gone");
      },
    };
    expect(() => client.publish("t", source, qos)).toThrow("sensor gone");
    client.publish("t", "next", qos);
    if (broker.transport.isOpen) broker.expect("PUBLISH", { payload: "next", qos });
    else if (qos === 1) expect(client.inflight).toBe(1);
    broker.expectNothing();
  });
});

describe("a source that calls the client while it is read", () => {
  /** A source of 5 bytes, or 300, that does something the first time it is read. */
  function meddling(length: number, meddle: (client: Client) => void): { source: PayloadSource; attach: (client: Client) => void } {
    let target: Client | undefined;
    const slow = new SlowSource(pattern(length));
    slow.ready = length;
    const source = {
      length,
      read(bytes: Uint8Array, start: number, end: number, position: number): number {
        const client = target;
        target = undefined;
        if (client) meddle(client);
        return slow.read(bytes, start, end, position);
      },
    };
    return { source, attach: (client) => (target = client) };
  }

  const CALLS: [string, (client: Client) => void][] = [
    ["publish QoS 0", (client) => client.publish("inner", "x")],
    ["publish QoS 1", (client) => client.publish("inner", "x", 1)],
    ["publish QoS 2", (client) => client.publish("inner", "x", 2)],
    ["subscribe", (client) => client.subscribe({ filter: "inner" })],
    ["unsubscribe", (client) => client.unsubscribe("inner")],
    ["resume", (client) => client.resume()],
  ];

  for (const length of [5, 300])
    for (const qos of [0, 1] as const)
      it.each(CALLS)(`with ${String(length)} bytes and QoS ${String(qos)}: %s leaves the stream whole`, (_, meddle) => {
        const { broker, client } = connected({ ...SMALL, keepalive: 0 });
        const { source, attach } = meddling(length, meddle);
        attach(client);
        expect(client.publish("outer", source, qos)).toBeGreaterThanOrEqual(0);
        const packets = broker.takePackets(); // throws where the stream is broken
        const outer = packets.find((packet) => packet.type === "PUBLISH" && packet.topic === "outer");
        expect(outer).toMatchObject({ payload: pattern(length), qos });
        const identifiers = packets.flatMap((packet) => ("identifier" in packet && packet.identifier > 0 ? [packet.identifier] : []));
        expect(new Set(identifiers).size).toBe(identifiers.length);
        for (const packet of packets) if (packet.type === "PUBLISH" && packet.qos > 0) broker.send(puback(packet.identifier));
        expect(client.publish("after", "y")).toBe(0);
        broker.expect("PUBLISH", { topic: "after", payload: "y" });
      });

  for (const length of [5, 300])
    for (const qos of [0, 1] as const)
      it(`with ${String(length)} bytes and QoS ${String(qos)}: close, and close followed by connect, are safe`, () => {
        for (const again of [false, true]) {
          const { broker, client, events } = connected({ ...SMALL, keepalive: 0 });
          const { source, attach } = meddling(length, () => {
            client.close();
            if (again) client.connect();
          });
          attach(client);
          client.publish("outer", source, qos);
          expect(events.filter((event) => JSON.stringify(event) === '["disconnect",null]').length).toBe(1);
          broker.transport.takeSent();
          expect(broker.transport.violations).toEqual([]);
          if (again) broker.acceptConnection();
          else expect(broker.transport.isOpen).toBe(false);
        }
      });
});

describe("received messages larger than packetSize", () => {
  it.each([0, 1, 2] as const)("come in pieces, and are acknowledged after the last, QoS %i", (qos) => {
    const pieces: Uint8Array[] = [];
    const { broker } = connected({ ...SMALL, onMessage: ({ payload }) => pieces.push(payload) });
    const content = pattern(300);
    const packet = publish({ topic: "big", payload: content, qos, identifier: 5 });
    broker.send(packet.slice(0, -1));
    broker.expectNothing();
    broker.send(packet.slice(-1));
    if (qos === 1) broker.expect("PUBACK", { identifier: 5 });
    if (qos === 2) broker.expect("PUBREC", { identifier: 5 });
    broker.expectNothing();
    expect(concat(...pieces)).toEqual(content);
  });
});
