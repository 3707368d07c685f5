import { describe, expect, it } from "vitest";
import MQTTClient from "../../src/ecma419.js";
import { connack, publish } from "../support/packets.js";
import { connected, create, expectReleased, expectThrown, type Fixture, pattern } from "./support.js";
import { TCP, TLS } from "./support/fake-socket.js";

/** Bytes of a PUBLISH of QoS 0 to the topic "t" beside its payload, which is short. */
const HEAD = 5;

/** A client that writes down what onWritable tells. */
function watched(manner = TCP): Fixture & { readonly counts: number[] } {
  const counts: number[] = [];
  return { ...create({ onWritable: (count) => counts.push(count) }, manner), counts };
}

describe("onWritable", () => {
  it("comes after CONNACK, with the room there is, and not before", () => {
    const { server, counts } = watched();
    server.open(100);
    server.drain(500);
    expect(counts).toEqual([]);
    server.send(connack());
    expect(counts).toEqual([500 - 8]);
  });

  it("comes after onControl has had the CONNACK, and knows what that has written", () => {
    const counts: number[] = [];
    const { server } = create({
      onControl(this: MQTTClient) {
        this.write(pattern(95), { topic: "t" });
      },
      onWritable: (count) => counts.push(count),
    });
    server.open(500);
    server.drain(500);
    server.send(connack());
    expect(counts).toEqual([500 - 100 - 8]);
  });

  it("comes whenever the socket has room again", () => {
    const { client, server, counts } = watched();
    server.accept();
    counts.length = 0;
    client.write(pattern(1_000), { topic: "t" });
    expect(counts).toEqual([]);
    server.drain(4_000);
    server.drain(8_000);
    expect(counts).toEqual([4_000 - 8, 8_000 - 8]);
  });

  it("comes in the midst of a message that is written in fragments", () => {
    const { client, server, counts } = watched();
    server.accept();
    counts.length = 0;
    client.write(null, { topic: "t", byteLength: 10_000 });
    server.drain(4_000);
    expect(counts).toHaveLength(1);
  });

  it("does not come after DISCONNECT, when nothing can be written", () => {
    const { client, server, counts } = watched();
    server.accept();
    client.write(null, { operation: MQTTClient.DISCONNECT });
    counts.length = 0;
    server.drain();
    expect(counts).toEqual([]);
  });

  it("does not come in the callback that is told of CONNACK when that disconnects", () => {
    const counts: number[] = [];
    const { server } = create({
      onControl(this: MQTTClient) {
        this.write(null, { operation: MQTTClient.DISCONNECT });
      },
      onWritable: (count) => counts.push(count),
    });
    server.accept();
    expect(counts).toEqual([]);
  });

  it("leaves nothing undone: what it writes until there is no room goes on when it comes again", () => {
    const payload = pattern(20_000);
    let sent = 0;
    const { server } = create({
      onWritable(count) {
        let room = count;
        while (room > 0 && sent < payload.length) {
          const piece = payload.subarray(sent, sent + room);
          room = sent === 0 ? this.write(piece.subarray(8), { topic: "t", byteLength: payload.length - 8 }) : this.write(piece);
          sent += piece.length;
        }
      },
    });
    server.accept();
    for (let round = 0; round < 100 && sent < payload.length; round++) server.drain(300);
    expect(server.take()).toMatchObject([{ topic: "t", payload: payload.subarray(8) }]);
  });
});

describe("write", () => {
  it("returns how many bytes may be written next, 8 less than there is room for", () => {
    const { client, server } = connected();
    server.drain(1_000);
    expect(client.write(pattern(95), { topic: "t" })).toBe(1_000 - 100 - 8);
    expect(client.write(pattern(95), { topic: "t" })).toBe(1_000 - 200 - 8);
  });

  for (const manner of [TCP, TLS])
    it(`has room for what it returned, until that is 0, over ${manner.name}, whose records cost ${manner.overhead} bytes more`, () => {
      for (let size = 1; size <= 120; size += 7) {
        const { client, server, events } = connected({}, manner);
        server.drain(2_000);
        let written = 0;
        let count = client.write(null, { topic: "t", byteLength: 100_000 });
        while (count > 0) {
          const piece = pattern(Math.min(count, size));
          count = client.write(piece);
          written += piece.length;
        }
        server.clock.advance(1_000);
        expect(server.takeHex().split(" ")).toHaveLength(1 + 3 + 3 + written);
        expect(written).toBeGreaterThan(20);
        expect(events).toEqual([]);
      }
    });

  it("returns 0 when there are 8 bytes of room, or less", () => {
    const { client, server } = connected();
    for (const left of [8, 7, 1, 0]) {
      server.drain(100 + left);
      expect(client.write(pattern(100 - HEAD), { topic: "t" })).toBe(0);
    }
    server.drain(109);
    expect(client.write(pattern(100 - HEAD), { topic: "t" })).toBe(1);
  });

  it("takes a packet of as many bytes as there is room for, and 8 more than it said", () => {
    for (const packetSize of [64, 512]) {
      const { client, server } = connected({ packetSize });
      server.drain(300);
      const count = client.write(pattern(95), { topic: "t" });
      expect(client.write(pattern(count + 8 - HEAD - 1), { topic: "t" })).toBe(0); // a length over 127 takes a byte more
      expect(server.take()).toHaveLength(2);
    }
  });

  it("takes a fragment of as many bytes as it said", () => {
    const { client, server } = connected();
    server.drain(300);
    const count = client.write(null, { topic: "t", byteLength: 1_000 });
    expect(client.write(pattern(count))).toBe(0);
    server.drain(2_000);
    client.write(pattern(1_000 - count));
    expect(server.take()).toMatchObject([{ payload: { length: 1_000 } }]);
  });

  const LARGE: Readonly<Record<string, (fixture: Fixture) => unknown>> = {
    "a message": ({ client }) => client.write(pattern(200), { topic: "t" }),
    "a message larger than the buffer": ({ client }) => client.write(pattern(2_000), { topic: "t", QoS: 2 }),
    "the beginning of a message": ({ client }) => client.write(pattern(200), { topic: "t", byteLength: 10_000 }),
    "a subscription": ({ client }) => client.write(null, { operation: MQTTClient.SUBSCRIBE, items: [{ topic: "t".repeat(100) }] }),
    "the end of one": ({ client }) => client.write(null, { operation: MQTTClient.UNSUBSCRIBE, items: [{ topic: "t".repeat(100) }] }),
  };
  it.each(Object.entries(LARGE))("throws when there is not room for all of it, and sends nothing: %s", (_name, write) => {
    const fixture = connected();
    fixture.server.drain(100);
    expectThrown(() => write(fixture));
    expect(fixture.server.takeHex()).toBe("");
    fixture.server.drain();
    write(fixture);
    expect(fixture.server.link.takeWritten()).not.toHaveLength(0);
  });

  it("throws when there is no room for a fragment, which can be written later", () => {
    const { client, server } = connected();
    client.write(null, { topic: "t", byteLength: 500 });
    server.drain(100);
    expectThrown(() => client.write(pattern(101)));
    client.write(pattern(500).subarray(0, 100));
    server.drain(400);
    client.write(pattern(500).subarray(100));
    expect(server.take()).toMatchObject([{ payload: pattern(500) }]);
  });

  it.each([
    [{ operation: MQTTClient.PINGREQ }, 1],
    [{ operation: MQTTClient.DISCONNECT }, 1],
    [{ operation: MQTTClient.PUBACK, id: 1 }, 3],
  ])("throws when there is no room for %o", (options, room) => {
    const { client, server } = connected();
    server.drain(room);
    expectThrown(() => client.write(null, options));
    server.drain(room + 1);
    client.write(null, options);
    expect(server.take()).toHaveLength(1);
  });

  it("counts what the client has to answer by itself", () => {
    const { client, server } = connected();
    server.drain(0);
    for (const identifier of [1, 2]) server.send(publish({ topic: "t", qos: 1, identifier }));
    server.drain(3);
    expectThrown(() => client.write(null, { operation: MQTTClient.PINGREQ }));
    server.drain(100);
    const count = client.write(null, { operation: MQTTClient.PINGREQ });
    expect(server.takeNames()).toEqual(["PUBACK", "PUBACK", "PINGREQ"]);
    expect(count).toBe(100 - 10 - 8);
  });
});

describe("A socket that has failed, but has not told yet,", () => {
  it("is found out by a write: the error is told soon, though the socket never does", () => {
    const { client, server, events } = connected();
    server.link.room = -1; // writing throws, as on lwIP
    client.write(pattern(50), { topic: "t" });
    expect(events).toEqual([]);
    server.clock.advance(1_000);
    expect(events).toEqual([["error", "ERR_CONNECTION_CLOSED"]]);
    expectReleased(server);
  });

  it("leaves nothing behind when the client closes", () => {
    const { client, server, events } = connected();
    server.link.room = -1;
    client.write(pattern(50), { topic: "t" });
    client.close();
    expectReleased(server);
    server.clock.advance(1_000);
    expect(events).toEqual([]);
  });

  it("is not written to again; its error is told when it comes", () => {
    const { client, server, events } = connected();
    server.link.room = -1; // writing throws, as on lwIP
    expect(() => client.write(pattern(50), { topic: "t" })).not.toThrow(TypeError);
    server.end();
    expect(events).toEqual([["error", "ERR_CONNECTION_CLOSED"]]);
  });
});
