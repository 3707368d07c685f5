import { describe, expect, it } from "vitest";
import MQTTClient, { type ControlMessage } from "../../src/ecma419.js";
import { pingresp, puback, pubcomp, publish, pubrec, pubrel, suback, unsuback } from "../support/packets.js";
import { buffer, connected, create } from "./support.js";

const { SUBSCRIBE, UNSUBSCRIBE, PINGREQ, DISCONNECT } = MQTTClient;

describe("write", () => {
  it("subscribes to one topic or several, with the QoS wanted of each, which is 0 by default", () => {
    const { client, server } = connected();
    client.write(null, { operation: SUBSCRIBE, id: 10, items: [{ topic: "a/b" }] });
    expect(server.takeHex()).toBe("82 08 00 0a 00 03 61 2f 62 00");
    client.write(null, { operation: SUBSCRIBE, items: [{ topic: "foo/+", QoS: 2 }, { topic: "#", QoS: 1 }, { topic: "é" }] });
    expect(server.take()).toMatchObject([
      {
        type: "SUBSCRIBE",
        subscriptions: [
          { topicFilter: "foo/+", qos: 2 },
          { topicFilter: "#", qos: 1 },
          { topicFilter: "é", qos: 0 },
        ],
      },
    ]);
  });

  it("unsubscribes from one topic or several", () => {
    const { client, server } = connected();
    client.write(null, { operation: UNSUBSCRIBE, id: 11, items: [{ topic: "a/b" }] });
    expect(server.takeHex()).toBe("a2 07 00 0b 00 03 61 2f 62");
    client.write(null, { operation: UNSUBSCRIBE, items: [{ topic: "foo/+", QoS: 2 }, { topic: "#" }] });
    expect(server.take()).toMatchObject([{ type: "UNSUBSCRIBE", topicFilters: ["foo/+", "#"] }]);
  });

  it("takes topics as bytes of UTF-8, and items that hold what it does not know, as the SDK's mqtt module gives them", () => {
    const { client, server } = connected();
    const items = ["foo/+", "é"].map((key) => ({ key, topic: buffer(key), QoS: 1 }));
    client.write(null, { operation: SUBSCRIBE, items, id: 1 });
    client.write(null, { operation: UNSUBSCRIBE, items, id: 2 });
    expect(server.take()).toMatchObject([
      { subscriptions: [{ topicFilter: "foo/+" }, { topicFilter: "é" }] },
      { topicFilters: ["foo/+", "é"] },
    ]);
  });

  it("pings", () => {
    const { client, server, events } = connected();
    client.write(null, { operation: PINGREQ });
    expect(server.takeHex()).toBe("c0 00");
    server.send(pingresp());
    expect(events).toEqual([["control", { operation: MQTTClient.PINGRESP }]]);
  });

  it("disconnects", () => {
    const { client, server, events } = connected();
    client.write(null, { operation: DISCONNECT });
    expect(server.takeHex()).toBe("e0 00");
    expect(events).toEqual([]);
  });
});

describe("onControl", () => {
  const PACKETS: [packet: Uint8Array, message: ControlMessage][] = [
    [puback(0x0102), { operation: MQTTClient.PUBACK, id: 0x0102 }],
    [pubrec(1), { operation: MQTTClient.PUBREC, id: 1 }],
    [pubrel(65_535), { operation: MQTTClient.PUBREL, id: 65_535 }],
    [pubcomp(7), { operation: MQTTClient.PUBCOMP, id: 7 }],
    [suback(3, 0, 1, 2, 0x80), { operation: MQTTClient.SUBACK, id: 3, payload: [0, 1, 2, 0x80] }],
    [unsuback(4), { operation: MQTTClient.UNSUBACK, id: 4 }],
    [pingresp(), { operation: MQTTClient.PINGRESP }],
  ];

  it.each(PACKETS)("tells of each packet with its id, and a SUBACK's codes as an array: %o", (packet, message) => {
    const { server, events } = connected();
    server.send(packet);
    server.sendByteByByte(packet);
    expect(events).toEqual([
      ["control", message],
      ["control", message],
    ]);
  });

  it("tells of packets that come together in their order", () => {
    const { server, events } = connected();
    server.send(...PACKETS.map(([packet]) => packet));
    expect(events).toEqual(PACKETS.map(([, message]) => ["control", message]));
  });

  it("tells nothing of PUBLISH, which onReadable does", () => {
    const { server, events } = connected();
    server.send(publish({ topic: "t", payload: "x", qos: 1 }));
    expect(events).toEqual([]);
  });

  it("may keep what it was told", () => {
    const kept: ControlMessage[] = [];
    const { server } = connected({ onControl: (message: ControlMessage) => kept.push(message) });
    kept.length = 0;
    server.send(suback(1, 0), suback(2, 1, 2), puback(3));
    expect(kept).toEqual([
      { operation: MQTTClient.SUBACK, id: 1, payload: [0] },
      { operation: MQTTClient.SUBACK, id: 2, payload: [1, 2] },
      { operation: MQTTClient.PUBACK, id: 3 },
    ]);
    expect(Array.isArray(kept[0].payload)).toBe(true);
  });

  it("gets the message as its first argument, as in the SDK, and as its second, where the standard has it", () => {
    const calls: unknown[][] = [];
    const { server } = connected({ onControl: (...told) => calls.push(told) });
    calls.length = 0;
    server.send(puback(5));
    const message = { operation: MQTTClient.PUBACK, id: 5 };
    expect(calls).toEqual([[message, message]]);
  });

  it("may be left out", () => {
    const { server, events } = connected({ onControl: undefined as never });
    server.send(...PACKETS.map(([packet]) => packet));
    expect(events).toEqual([]);
    expect(server.takeNames()).toEqual(["PUBREL", "PUBCOMP"]);
  });
});

describe("Callbacks", () => {
  it("have the client as this, all of them", () => {
    const seen = new Map<string, unknown>();
    const record = (name: string) =>
      function (this: unknown): void {
        seen.set(name, this);
      };
    const callbacks = Object.fromEntries(["onControl", "onReadable", "onWritable", "onError", "onClose"].map((name) => [name, record(name)]));
    const { client, server } = connected(callbacks);
    server.send(publish({ topic: "t" }));
    client.write(null, { operation: DISCONNECT });
    server.end();
    const other = create(callbacks);
    expect([...seen]).toEqual([
      ["onControl", client],
      ["onWritable", client],
      ["onReadable", client],
      ["onClose", client],
    ]);
    other.server.resolver.fail();
    expect(seen.get("onError")).toBe(other.client);
  });

  it("may be arrow functions, and change nothing in the dictionary they come from", () => {
    const options = Object.freeze({ onControl: () => undefined, onWritable: () => undefined });
    const first = connected(options);
    const second = connected(options);
    first.client.close();
    second.server.send(pingresp());
    expect(second.server.link.isClosed).toBe(false);
  });

  it("are not called from within write and close", () => {
    let calls = 0;
    const { client, server, events } = connected({ onWritable: () => calls++ });
    calls = 0;
    client.write(buffer("x"), { topic: "t", QoS: 1 });
    client.write(null, { operation: DISCONNECT });
    client.close();
    server.settle();
    expect([calls, events]).toEqual([0, []]);
  });
});
