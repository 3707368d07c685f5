import { describe, expect, it } from "vitest";
import { puback, pubcomp, publish, pubrec, utf8 } from "../support/packets.js";
import { buffer, connected, expectThrown, type Fixture, pattern } from "./support.js";
import { TLS } from "./support/fake-socket.js";

const HELLO = utf8("hello");

/** The identifier of the packet sent last. */
function sentIdentifier({ server }: Fixture): number {
  const last = server.take().at(-1);
  return last && "identifier" in last ? last.identifier : 0;
}

describe("write publishes", () => {
  it("a message, unless it is asked for something else", () => {
    const { client, server } = connected();
    client.write(buffer("hello"), { topic: "a/b" });
    expect(server.takeHex()).toBe("30 0a 00 03 61 2f 62 68 65 6c 6c 6f");
    client.write(buffer("hello"), { topic: "a/b", operation: 3 });
    expect(server.takeHex()).toBe("30 0a 00 03 61 2f 62 68 65 6c 6c 6f");
  });

  it("at once", () => {
    const { client, server } = connected();
    client.write(HELLO, { topic: "t" });
    expect(server.link.takeWritten()).not.toHaveLength(0);
  });

  const DATA: Readonly<Record<string, ArrayBuffer | Uint8Array | Int8Array | DataView>> = {
    "an ArrayBuffer": buffer("hello"),
    "a Uint8Array": HELLO,
    "a part of one": utf8(">>hello<<").subarray(2, 7),
    "an Int8Array": new Int8Array(buffer("hello")),
    "a DataView": new DataView(buffer("hello")),
    "a DataView of a part": new DataView(buffer(">>hello<<"), 2, 5),
    "a resizable ArrayBuffer": (() => {
      const resizable = new ArrayBuffer(5, { maxByteLength: 50 });
      new Uint8Array(resizable).set(HELLO);
      return resizable;
    })(),
  };
  it.each(Object.entries(DATA))("%s", (_name, data) => {
    const { client, server } = connected();
    client.write(data, { topic: "t", QoS: 1 });
    expect(server.take()).toMatchObject([{ type: "PUBLISH", topic: "t", qos: 1, payload: HELLO }]);
  });

  it("an empty message, of no bytes or null", () => {
    const { client, server } = connected();
    client.write(new ArrayBuffer(0), { topic: "t", retain: true });
    client.write(null, { topic: "u" });
    expect(server.takeHex()).toBe("31 03 00 01 74 30 03 00 01 75");
  });

  it("with QoS, retain and duplicate as they are asked for", () => {
    const { client, server } = connected();
    for (const QoS of [0, 1, 2] as const)
      for (const retain of [false, true])
        for (const duplicate of QoS === 0 ? [false] : [false, true]) {
          client.write(HELLO, { topic: "t", QoS, retain, duplicate, id: 77 });
          expect(server.take()).toEqual([
            expect.objectContaining({ qos: QoS, retain, dup: duplicate, identifier: QoS === 0 ? 0 : 77, payload: HELLO }),
          ]);
        }
  });

  it("to a topic in UTF-8, given as text or as its bytes", () => {
    const { client, server } = connected();
    for (const topic of ["/", "a//b", "$x", "é/温度/🌡", "a".repeat(200)]) {
      client.write(HELLO, { topic });
      client.write(HELLO, { topic: buffer(topic) });
      expect(server.take()).toMatchObject([
        { topic, payload: HELLO },
        { topic, payload: HELLO },
      ]);
    }
  });

  it("to one topic after another", () => {
    const { client, server } = connected();
    for (const topic of ["a", "a", "b", "a", "b", "b"]) client.write(HELLO, { topic });
    expect(server.take().map((packet) => Reflect.get(packet, "topic") as string)).toEqual(["a", "a", "b", "a", "b", "b"]);
  });

  it.each([127 - 3, 128 - 3, 16_383 - 3, 16_384 - 3])("a payload of %i bytes, where the length takes one byte more", (length) => {
    const { client, server } = connected();
    server.drain(100_000);
    client.write(pattern(length), { topic: "t" });
    expect(server.take()).toMatchObject([{ topic: "t", payload: pattern(length) }]);
  });

  it("more than packetSize at once, when the socket takes it", () => {
    for (const manner of [undefined, TLS]) {
      const { client, server } = connected({ packetSize: 64 }, manner);
      client.write(pattern(1_000), { topic: "t", QoS: 1 });
      expect(server.take()).toMatchObject([{ topic: "t", qos: 1, payload: pattern(1_000) }]);
    }
  });

  it("what the data is at that moment", () => {
    const { client, server } = connected();
    const data = utf8("hello");
    client.write(data, { topic: "t" });
    data.fill(0);
    expect(server.take()).toMatchObject([{ payload: HELLO }]);
  });

  it("with options that are frozen and may hold what it does not know", () => {
    const { client, server } = connected();
    client.write(HELLO, Object.freeze({ topic: "t", QoS: 0, id: 12, byteLength: 5, dataLength: 5 }));
    expect(server.takeHex()).toBe("30 08 00 01 74 68 65 6c 6c 6f");
  });
});

describe("Identifiers", () => {
  it("are those that are given", () => {
    const { client, server } = connected();
    for (const id of [1, 255, 256, 65_535]) client.write(HELLO, { topic: "t", QoS: 1, id });
    expect(server.take()).toMatchObject([{ identifier: 1 }, { identifier: 255 }, { identifier: 256 }, { identifier: 65_535 }]);
  });

  it("that are made are different from each other and never 0", () => {
    const { client, server } = connected();
    server.drain(1_000_000);
    for (let count = 0; count < 100; count++) {
      client.write(HELLO, { topic: "t", QoS: count % 2 === 0 ? 1 : 2 });
      client.write(null, { operation: 8, items: [{ topic: "t" }] });
      client.write(null, { operation: 10, items: [{ topic: "t" }] });
    }
    const identifiers = server.take().map((packet) => Reflect.get(packet, "identifier") as number);
    expect(new Set(identifiers).size).toBe(300);
    expect(identifiers.filter((each) => each < 1 || each > 65_535)).toEqual([]);
  });

  it("that are made begin again at 1 after 65,535, and leave out what is not answered", () => {
    const fixture = connected();
    const { client, server } = fixture;
    client.write(HELLO, { topic: "t", QoS: 1 });
    const kept = sentIdentifier(fixture);
    client.write(HELLO, { topic: "t", QoS: 2 });
    const released = sentIdentifier(fixture);
    server.send(pubrec(released)); // not PUBCOMP: it is still in use
    const seen: number[] = [];
    for (let count = 0; count < 65_535; count++) {
      client.write(null, { topic: "t", QoS: 1 });
      const identifier = sentIdentifier(fixture);
      seen.push(identifier);
      server.send(puback(identifier));
      server.drain();
    }
    expect(seen).not.toContain(kept);
    expect(seen).not.toContain(released);
    expect(new Set(seen).size).toBe(65_533);
    expect([Math.min(...seen), Math.max(...seen)]).toEqual([Math.min(...[1, 2, 3].filter((id) => id !== kept && id !== released)), 65_535]);
    server.send(puback(kept), pubcomp(released));
  });

  it("that are made leave out those given by the application that are not answered", () => {
    const fixture = connected();
    const { client } = fixture;
    client.write(HELLO, { topic: "t", QoS: 1 });
    const first = sentIdentifier(fixture);
    client.write(HELLO, { topic: "t", QoS: 1, id: first + 1 });
    client.write(HELLO, { topic: "t", QoS: 1 });
    expect(sentIdentifier(fixture)).not.toBe(first + 1);
  });
});

describe("A message written in fragments", () => {
  it("is begun with byteLength, and goes on with data alone", () => {
    const { client, server } = connected();
    client.write(buffer("SM"), { topic: "t", byteLength: 6, QoS: 2, id: 3 });
    client.write(buffer("ALL"));
    client.write(new DataView(buffer(">\n<"), 1, 1));
    expect(server.takeHex()).toBe("34 0b 00 01 74 00 03 53 4d 41 4c 4c 0a");
  });

  it("is sent fragment by fragment, at once", () => {
    const { client, server } = connected();
    client.write(buffer("ab"), { topic: "t", byteLength: 4 });
    expect(server.takeHex()).toBe("30 07 00 01 74 61 62");
    client.write(buffer("c"));
    expect(server.takeHex()).toBe("63");
    client.write(buffer("d"));
    expect(server.takeHex()).toBe("64");
  });

  it("may begin with none of its bytes", () => {
    const { client, server } = connected();
    client.write(null, { topic: "t", byteLength: 2 });
    client.write(buffer("ab"));
    client.write(new ArrayBuffer(0), { topic: "u", byteLength: 2 });
    client.write(buffer("cd"));
    expect(server.take()).toMatchObject([
      { topic: "t", payload: utf8("ab") },
      { topic: "u", payload: utf8("cd") },
    ]);
  });

  it("goes on with options that are null, as the SDK's mqtt module gives them", () => {
    const { client, server } = connected();
    client.write(buffer("ab"), { topic: "t", byteLength: 4 });
    client.write(buffer("cd"), null);
    expect(server.take()).toMatchObject([{ payload: utf8("abcd") }]);
  });

  it("can have many megabytes", () => {
    const { client, server } = connected();
    const piece = pattern(8_000);
    client.write(null, { topic: "t", byteLength: 2_400_000 });
    expect(server.takeHex()).toBe("30 83 be 92 01 00 01 74");
    let sent = 0;
    while (sent < 2_400_000) {
      server.drain();
      client.write(piece);
      sent += server.link.takeWritten().length;
    }
    client.write(HELLO, { topic: "t" });
    expect(server.take()).toMatchObject([{ payload: HELLO }]);
  });

  it("has nothing else in between: that throws, and the message goes on unharmed", () => {
    const { client, server } = connected();
    client.write(buffer("ab"), { topic: "t", byteLength: 4 });
    for (const options of [{ topic: "u" }, { operation: 12 }, { operation: 14 }, { operation: 4, id: 1 }, {}])
      expectThrown(() => client.write(buffer("cd"), options));
    expectThrown(() => client.write(null, { operation: 8, items: [{ topic: "u" }] }));
    expectThrown(() => client.write(buffer("too much")));
    expect(() => client.write("cd" as never)).toThrow(Error);
    client.write(buffer("cd"));
    expect(server.take()).toMatchObject([{ topic: "t", payload: utf8("abcd") }]);
  });

  it("ends when all is written: more data needs options again", () => {
    const { client, server } = connected();
    client.write(buffer("ab"), { topic: "t", byteLength: 2 });
    expectThrown(() => client.write(buffer("c")));
    expect(server.take()).toHaveLength(1);
  });

  it("does not keep the client from receiving", () => {
    const { client, server, messages } = connected();
    client.write(buffer("ab"), { topic: "t", byteLength: 4 });
    server.send(publish({ topic: "in", payload: "x" }));
    expect(messages).toMatchObject([{ topic: "in" }]);
  });
});
