import { describe, expect, it } from "vitest";
import MQTTClient from "../../src/ecma419.js";
import { puback, pubcomp, publish, pubrec, pubrel } from "../support/packets.js";
import { buffer, connected, expectFailed, pattern } from "./support.js";

const message = (qos: 0 | 1 | 2, identifier: number, payload = "x"): Uint8Array =>
  publish({ topic: "t", payload, qos, identifier });

describe("A received message", () => {
  it("of QoS 0 is not acknowledged, of QoS 1 with PUBACK, of QoS 2 with PUBREC", () => {
    const { server } = connected();
    server.send(message(0, 1));
    expect(server.takeHex()).toBe("");
    server.send(message(1, 0x0102));
    expect(server.takeHex()).toBe("40 02 01 02");
    server.send(message(2, 0xffff));
    expect(server.takeHex()).toBe("50 02 ff ff");
  });

  it.each([1, 2] as const)("of QoS %i is acknowledged when it was read completely, later too", (qos) => {
    const { client, server } = connected({ onReadable: () => undefined });
    server.send(message(qos, 7, "hello"));
    expect(server.takeHex()).toBe("");
    client.read(4);
    server.clock.advance(1_000);
    expect(server.takeHex()).toBe("");
    client.read(1);
    expect(server.takeHex()).toBe(qos === 1 ? "40 02 00 07" : "50 02 00 07");
  });

  it("is acknowledged after the callback that reads it", () => {
    const sent: string[] = [];
    const { server } = connected({
      onReadable() {
        this.read();
        this.write(buffer("y"), { topic: "echo" });
        sent.push(...server.takeNames());
      },
    });
    server.send(message(1, 7));
    expect([...sent, ...server.takeNames()]).toEqual(["PUBLISH", "PUBACK"]);
  });

  it("is acknowledged in the order of the messages", () => {
    const { server } = connected();
    server.send(message(1, 3), message(2, 1), message(1, 2), message(2, 4));
    expect(server.take()).toMatchObject([
      { type: "PUBACK", identifier: 3 },
      { type: "PUBREC", identifier: 1 },
      { type: "PUBACK", identifier: 2 },
      { type: "PUBREC", identifier: 4 },
    ]);
  });

  it("of QoS 1 that comes again is delivered again", () => {
    const { server, messages } = connected();
    server.send(message(1, 7), publish({ topic: "t", payload: "x", qos: 1, identifier: 7, dup: true }));
    expect(messages).toHaveLength(2);
    expect(server.takeNames()).toEqual(["PUBACK", "PUBACK"]);
  });
});

describe("A message of QoS 2", () => {
  it("ends with PUBREL, which is told, and PUBCOMP", () => {
    const { server, events, messages } = connected();
    server.send(message(2, 7));
    server.take();
    server.send(pubrel(7));
    expect(server.takeHex()).toBe("70 02 00 07");
    expect(messages).toHaveLength(1);
    expect(events).toEqual([["control", { operation: MQTTClient.PUBREL, id: 7 }]]);
  });

  it("that comes again before its PUBREL is acknowledged again, but not delivered", () => {
    const { server, messages } = connected();
    server.send(message(2, 7, "once"));
    server.send(publish({ topic: "t", payload: "once", qos: 2, identifier: 7, dup: true }), message(2, 8, "other"));
    expect(messages).toMatchObject([{ payload: "once" }, { payload: "other" }]);
    expect(server.take()).toMatchObject([{ identifier: 7 }, { identifier: 7 }, { identifier: 8 }]);
  });

  it("that comes again in more bytes than the buffer has is not delivered either", () => {
    const { server, messages } = connected({ packetSize: 64 });
    const large = publish({ topic: "t", payload: pattern(500), qos: 2, identifier: 7 });
    server.send(large);
    server.sendByteByByte(large);
    server.send(large, message(0, 0, "behind"));
    expect(messages).toHaveLength(2);
    expect(messages.at(-1)).toMatchObject({ payload: "behind" });
    expect(server.takeNames()).toEqual(["PUBREC", "PUBREC", "PUBREC"]);
  });

  it("that comes again while the first waits to be read is one message", () => {
    const told: number[] = [];
    const { client, server } = connected({ onReadable: (count) => told.push(count) });
    server.send(message(2, 7), message(2, 7));
    client.read();
    expect(server.takeNames()).toEqual(["PUBREC", "PUBREC"]);
    expect(told).toEqual([1]);
  });

  it("is a new one after its PUBREL", () => {
    const { server, messages } = connected();
    server.send(message(2, 7, "first"), pubrel(7), message(2, 7, "second"));
    expect(messages).toMatchObject([{ payload: "first" }, { payload: "second" }]);
    expect(server.takeNames()).toEqual(["PUBREC", "PUBCOMP", "PUBREC"]);
  });

  it("is one for each identifier", () => {
    const { server, messages } = connected();
    for (let identifier = 1; identifier <= 30; identifier++) server.send(message(2, identifier), message(2, identifier));
    expect(messages).toHaveLength(30);
  });

  it("is never delivered twice, nor lost: where there are more under way than can be remembered, that is an error", () => {
    const fixture = connected();
    const { server, messages } = fixture;
    for (let identifier = 1; identifier <= 1_000 && !server.link.isClosed; identifier++)
      server.send(message(2, identifier, `${identifier}`));
    expect(messages.map(({ payload }) => payload)).toEqual(messages.map((_, index) => `${index + 1}`));
    expect(messages.length).toBeGreaterThanOrEqual(64);
    expectFailed(fixture, "ERR_RECEIVE_MAXIMUM");
  });

  it("whose PUBREL comes for a message that nobody knows is completed all the same", () => {
    const { server, events } = connected();
    server.send(pubrel(99));
    expect(server.takeHex()).toBe("70 02 00 63");
    expect(events).toEqual([["control", { operation: MQTTClient.PUBREL, id: 99 }]]);
  });
});

describe("What the client has published", () => {
  it("with QoS 1 ends with PUBACK, which is told", () => {
    const { client, server, events } = connected();
    client.write(buffer("x"), { topic: "t", QoS: 1, id: 5 });
    server.take();
    server.send(puback(5));
    expect(events).toEqual([["control", { operation: MQTTClient.PUBACK, id: 5 }]]);
    expect(server.takeHex()).toBe("");
  });

  it("with QoS 2 goes on by itself: PUBREL for PUBREC, and PUBCOMP is the end; both are told", () => {
    const { client, server, events } = connected();
    client.write(buffer("x"), { topic: "t", QoS: 2, id: 5 });
    server.take();
    server.send(pubrec(5));
    expect(server.takeHex()).toBe("62 02 00 05");
    server.send(pubrec(5));
    expect(server.takeHex()).toBe("62 02 00 05");
    server.send(pubcomp(5));
    expect(server.takeHex()).toBe("");
    expect(events).toEqual([
      ["control", { operation: MQTTClient.PUBREC, id: 5 }],
      ["control", { operation: MQTTClient.PUBREC, id: 5 }],
      ["control", { operation: MQTTClient.PUBCOMP, id: 5 }],
    ]);
  });
});

describe("An acknowledgement that has no room", () => {
  it("waits, as does what comes in when too many wait; in the end all are sent", () => {
    const { server, messages } = connected({ packetSize: 64 });
    server.drain(0);
    for (let identifier = 1; identifier <= 100; identifier++) server.send(message(1, identifier));
    expect(server.takeHex()).toBe("");
    expect(messages.length).toBeLessThan(50);
    const acknowledged: unknown[] = [];
    for (let round = 0; round < 100; round++) {
      server.drain(80);
      acknowledged.push(...server.take());
    }
    expect(messages).toHaveLength(100);
    expect(acknowledged).toMatchObject(Array.from({ length: 100 }, (_, index) => ({ type: "PUBACK", identifier: index + 1 })));
  });

  it("leaves when there is room again", () => {
    const { server } = connected();
    server.drain(3);
    server.send(message(1, 1), message(2, 2), pubrel(9), pubrec(8));
    expect(server.takeHex()).toBe("");
    server.drain();
    expect(server.takeHex()).toBe("40 02 00 01 50 02 00 02 70 02 00 09 62 02 00 08");
  });

  it("does not get in between the fragments of a message that is being written", () => {
    const { client, server } = connected();
    client.write(buffer("abc"), { topic: "out", byteLength: 9, QoS: 1, id: 100 });
    server.send(message(1, 1), message(2, 2), pubrel(3), pubrec(4));
    client.write(buffer("def"));
    server.send(message(1, 5));
    server.clock.advance(5_000);
    client.write(buffer("ghi"));
    const [published, ...others] = server.take();
    expect(published).toMatchObject({ type: "PUBLISH", topic: "out", payload: new Uint8Array(buffer("abcdefghi")) });
    expect(others).toMatchObject([
      { type: "PUBACK", identifier: 1 },
      { type: "PUBREC", identifier: 2 },
      { type: "PUBCOMP", identifier: 3 },
      { type: "PUBREL", identifier: 4 },
      { type: "PUBACK", identifier: 5 },
    ]);
  });
});

describe("The application may acknowledge by itself", () => {
  it.each([
    [MQTTClient.PUBACK, "40 02 01 02"],
    [MQTTClient.PUBREC, "50 02 01 02"],
    [MQTTClient.PUBREL, "62 02 01 02"],
    [MQTTClient.PUBCOMP, "70 02 01 02"],
  ])("operation %i is sent as %s", (operation, bytes) => {
    const { client, server } = connected();
    client.write(null, { operation, id: 0x0102 });
    expect(server.takeHex()).toBe(bytes);
  });
});
