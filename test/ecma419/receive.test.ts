import { describe, expect, it } from "vitest";
import { pingresp, puback, publish, utf8 } from "../support/packets.js";
import { connected, type Fixture, pattern, text, type Wanted } from "./support.js";
import { TCP, TLS } from "./support/fake-socket.js";

/** What `onReadable` was called with. */
type Told = [count: number, options: object];

/** A client whose application is told what can be read, and reads nothing by itself. */
function waiting(wanted: object = {}): Fixture & { readonly told: Told[] } {
  const told: Told[] = [];
  const fixture = connected({ onReadable: (count, options) => told.push([count, { ...options }]), ...wanted });
  return { ...fixture, told };
}

/** A client whose application reads what it is told of, in portions. */
function reading(portions: (client: Fixture["client"], count: number) => void, wanted: object = {}): Fixture & { told: Told[] } {
  const told: Told[] = [];
  const options: Wanted = {
    onReadable(count, readable) {
      told.push([count, { ...readable }]);
      portions(this, count);
    },
    ...wanted,
  };
  return { ...connected(options), told };
}

describe("onReadable", () => {
  it("tells of a message: how much can be read, and where it was published to", () => {
    const { server, told } = waiting();
    server.send(publish({ topic: "a/b", payload: "hello" }));
    expect(told).toEqual([[5, { more: false, topic: "a/b", QoS: 0, byteLength: 5, retain: false }]]);
  });

  it.each([
    [0, false],
    [1, true],
    [2, false],
  ] as const)("tells of QoS %i and retain %s", (qos, retain) => {
    const { server, told } = waiting();
    server.send(publish({ topic: "t", payload: "x", qos, retain, identifier: 9 }));
    expect(told).toEqual([[1, { more: false, topic: "t", QoS: qos, byteLength: 1, retain }]]);
  });

  it("has a topic as text", () => {
    const { server, messages } = connected();
    for (const topic of ["/", "a//b", " ", "$SYS/x", "é/😀", "a".repeat(300)]) {
      server.send(publish({ topic, payload: "p" }));
      expect(messages.at(-1)).toMatchObject({ topic, payload: "p" });
    }
  });

  it("tells of an empty message, which leaves nothing to read", () => {
    const { client, server, told } = waiting();
    server.send(publish({ topic: "t", qos: 1, identifier: 7 }), publish({ topic: "u" }));
    expect(told).toEqual([
      [0, { more: false, topic: "t", QoS: 1, byteLength: 0, retain: false }],
      [0, { more: false, topic: "u", QoS: 0, byteLength: 0, retain: false }],
    ]);
    expect(client.read()).toBeUndefined();
    expect(server.take()).toMatchObject([{ type: "PUBACK", identifier: 7 }]);
  });

  it("tells of one message at a time", () => {
    const { client, server, told } = waiting();
    server.send(publish({ topic: "a", payload: "one" }), publish({ topic: "b", payload: "three" }), publish({ topic: "c" }));
    expect(told).toMatchObject([[3, { topic: "a" }]]);
    expect(text(client.read(100))).toBe("one");
    server.settle();
    expect(told).toMatchObject([{}, [5, { topic: "b" }]]);
    expect(text(client.read())).toBe("three");
    server.settle();
    expect(told).toMatchObject([{}, {}, [0, { topic: "c" }]]);
  });

  it("does not come from within read", () => {
    const { client, server, told } = waiting();
    server.send(publish({ topic: "a", payload: "one" }), publish({ topic: "b", payload: "two" }));
    client.read();
    expect(told).toHaveLength(1);
    server.settle();
    expect(told).toHaveLength(2);
  });

  it("comes again only when more than what was told can be read", () => {
    const { client, server, told } = waiting();
    server.send(publish({ topic: "a", payload: "12345" }), publish({ topic: "b", payload: "x" }));
    client.read(2);
    server.send(publish({ topic: "c", payload: "y" }));
    server.clock.advance(60_000);
    expect(told).toHaveLength(1);
    expect(text(client.read(100))).toBe("345");
    server.settle();
    expect(told).toMatchObject([{}, [1, { topic: "b" }]]);
  });

  it("holds back all that is behind an unread payload", () => {
    const { client, server, told, events } = waiting();
    server.send(publish({ topic: "a", payload: "one" }), puback(3), pingresp());
    expect(events).toEqual([]);
    client.read();
    server.settle();
    expect(told).toHaveLength(1);
    expect(events).toEqual([
      ["control", { operation: 4, id: 3 }],
      ["control", { operation: 13 }],
    ]);
  });

  it("goes on, when all is read later, without a word from the socket", () => {
    const { client, server, told } = waiting({ packetSize: 64 });
    server.send(...["a", "b", "c", "d"].map((topic) => publish({ topic, payload: pattern(40) })));
    for (let count = 1; count <= 4; count++) {
      expect(told).toHaveLength(count);
      expect(client.read()?.byteLength).toBe(40);
      server.settle();
    }
    expect(server.link.unread).toBe(0);
  });

  it("leaves in the socket what has no room, so that the server is slowed down", () => {
    const { server } = waiting({ packetSize: 64 });
    for (let index = 0; index < 20; index++) server.send(publish({ topic: "t", payload: pattern(50) }));
    expect(server.link.unread).toBeGreaterThan(20 * 55 - 2 * 64);
  });

  for (const manner of [TCP, TLS])
    it(`tells the same however what comes in was split, over ${manner.name}`, () => {
      const packets = [
        publish({ topic: "a", payload: "one", retain: true }),
        publish({ topic: "b/c", payload: "", qos: 1, identifier: 1 }),
        publish({ topic: "d", payload: "a longer one", qos: 2, identifier: 2 }),
      ];
      const whole = connected({}, manner);
      whole.server.send(...packets);
      const split = connected({}, manner);
      split.server.sendByteByByte(...packets);
      expect(whole.messages).toEqual([
        { topic: "a", QoS: 0, retain: true, payload: "one" },
        { topic: "b/c", QoS: 1, retain: false, payload: "" },
        { topic: "d", QoS: 2, retain: false, payload: "a longer one" },
      ]);
      expect(split.messages).toEqual(whole.messages);
      expect(split.server.takeHex()).toBe(whole.server.takeHex());
    });

  it("may be left out: messages are discarded then, and acknowledged", () => {
    const { server } = connected({ onReadable: undefined as never, packetSize: 64 });
    server.send(publish({ topic: "t", payload: pattern(500), qos: 1, identifier: 1 }), publish({ topic: "t", payload: "x" }));
    server.send(publish({ topic: "t", payload: pattern(70), qos: 2, identifier: 2 }));
    expect(server.takeNames()).toEqual(["PUBACK", "PUBREC"]);
    expect(server.link.unread).toBe(0);
  });
});

describe("A message that is larger than the buffer", () => {
  const payload = pattern(1_000);

  it.each([0, 1, 2] as const)("comes in fragments, the first of which tells all about it, QoS %i", (qos) => {
    const pieces: Uint8Array[] = [];
    const { server, told } = reading(
      (client) => {
        pieces.push(new Uint8Array(client.read() ?? []));
      },
      { packetSize: 64 },
    );
    server.send(publish({ topic: "a/b", payload, qos, identifier: 7, retain: true }));
    expect(Uint8Array.from(Buffer.concat(pieces))).toEqual(payload);
    const [[count, first], ...others] = told;
    expect(first).toEqual({ more: true, topic: "a/b", QoS: qos, byteLength: 1_000, retain: true });
    expect(count).toBe(pieces[0].length);
    expect(others.map(([, options]) => options)).toEqual(others.map((_, index) => ({ more: index < others.length - 1 })));
    expect(told.map(([each]) => each)).toEqual(pieces.map(({ length }) => length));
    expect(told.every(([each]) => each > 0 && each <= 64)).toBe(true);
  });

  it("is acknowledged once, after the last byte was read", () => {
    const { client, server, told } = waiting({ packetSize: 64 });
    server.send(publish({ topic: "t", payload, qos: 1, identifier: 7 }));
    for (let left = payload.length; left > 0; ) {
      expect(server.takeHex()).toBe("");
      left -= client.read(10)?.byteLength ?? 0;
    }
    expect(told.at(-1)).toMatchObject([expect.any(Number), { more: false }]);
    expect(server.takeHex()).toBe("40 02 00 07");
  });

  it("is read fragment by fragment: a read ends where the fragment does", () => {
    const { client, server, told } = waiting({ packetSize: 64 });
    server.send(publish({ topic: "t", payload }));
    expect(client.read(1_000)?.byteLength).toBe(told[0][0]);
    expect(client.read(1_000)).toBeUndefined();
    server.settle();
    expect(told).toHaveLength(2);
  });

  it("may come slowly", () => {
    const { server, messages } = connected({ packetSize: 32 });
    server.sendByteByByte(publish({ topic: "t", payload: "0123456789".repeat(20) }), publish({ topic: "u", payload: "next" }));
    expect(messages).toMatchObject([{ topic: "t", payload: "0123456789".repeat(20) }, { topic: "u", payload: "next" }]);
  });

  it.each([126, 127, 128, 16_380, 16_383, 16_384, 100_000])("may have %i bytes", (length) => {
    let received = 0;
    const { server, told } = reading((client) => {
      received += client.read()?.byteLength ?? 0;
    });
    server.send(publish({ topic: "t", payload: new Uint8Array(length) }), publish({ topic: "end" }));
    expect(received).toBe(length);
    expect(told.at(-1)).toMatchObject([0, { topic: "end" }]);
  });

  it("is an error where even its topic has no room", () => {
    const { server, events } = connected({ packetSize: 64 });
    server.send(publish({ topic: "a".repeat(80), payload: "x" }));
    expect(events).toEqual([["error", "ERR_RECEIVE_SIZE"]]);
  });
});

describe("read", () => {
  const announced = (payload: string | Uint8Array = "hello"): ReturnType<typeof waiting> => {
    const fixture = waiting();
    fixture.server.send(publish({ topic: "t", payload }), publish({ topic: "next", payload: "next" }));
    return fixture;
  };

  it("gives all that was told, as an ArrayBuffer", () => {
    const bytes = announced().client.read();
    expect(bytes).toBeInstanceOf(ArrayBuffer);
    expect(text(bytes)).toBe("hello");
  });

  it("gives as many bytes as are asked for, and no more than there are in this message", () => {
    const { client } = announced();
    expect(text(client.read(3))).toBe("hel");
    expect(text(client.read(1))).toBe("l");
    expect(text(client.read(100))).toBe("o");
  });

  it("gives nothing where nothing waits", () => {
    const { client } = connected();
    expect(client.read()).toBeUndefined();
    expect(client.read(5)).toBeUndefined();
    expect(client.read(new Uint8Array(5))).toBeUndefined();
    const { client: other } = announced();
    other.read();
    expect(other.read()).toBeUndefined();
  });

  it("gives bytes of their own, which what comes later does not change", () => {
    const { client, server } = announced();
    const first = client.read();
    server.settle();
    client.read();
    expect(text(first)).toBe("hello");
  });

  it("fills a byte buffer, and gives the number of bytes", () => {
    const target = new Uint8Array(3);
    const { client } = announced();
    expect(client.read(target)).toBe(3);
    expect(target).toEqual(utf8("hel"));
    expect(client.read(target)).toBe(2);
    expect(target).toEqual(utf8("lol"));
  });

  it("fills no more of a byte buffer than its view shows", () => {
    const all = new Uint8Array(10).fill(0x2e);
    const { client } = announced();
    expect(client.read(all.subarray(2, 4))).toBe(2);
    expect(client.read(new DataView(all.buffer, 6, 3))).toBe(3);
    expect(text(all.buffer)).toBe("..he..llo.");
  });

  const TARGETS: Readonly<Record<string, (length: number) => ArrayBufferLike | Uint8Array | Int8Array | DataView>> = {
    ArrayBuffer: (length) => new ArrayBuffer(length),
    "resizable ArrayBuffer": (length) => new ArrayBuffer(length, { maxByteLength: 100 }),
    SharedArrayBuffer: (length) => new SharedArrayBuffer(length),
    Uint8Array: (length) => new Uint8Array(length),
    Int8Array: (length) => new Int8Array(length),
    DataView: (length) => new DataView(new ArrayBuffer(length)),
  };
  it.each(Object.entries(TARGETS))("fills a byte buffer of any kind: %s", (_name, make) => {
    const { client } = announced(Uint8Array.of(1, 2, 0xff));
    const target = make(5);
    expect(client.read(target as Uint8Array)).toBe(3);
    const bytes = ArrayBuffer.isView(target) ? new Uint8Array(target.buffer) : new Uint8Array(target);
    expect([...bytes]).toEqual([1, 2, 0xff, 0, 0]);
  });

  it.each([Uint16Array, Int32Array, Float32Array, BigInt64Array])("refuses elements of several bytes: %o", (type) => {
    const { client } = announced();
    expect(() => client.read(new type(2) as never)).toThrow(Error);
    expect(text(client.read())).toBe("hello");
  });

  it("may be called when the callback has returned, in any portions", () => {
    const { client, server } = announced("0123456789");
    const pieces: (string | undefined)[] = [];
    for (const count of [1, 2, 3, 100]) {
      server.clock.advance(1_000);
      pieces.push(text(client.read(count)));
    }
    expect(pieces).toEqual(["0", "12", "345", "6789"]);
  });

  it("may be called in the callback as often as one likes", () => {
    const portions: (string | undefined)[] = [];
    const { server } = reading((client, count) => {
      for (let left = count; left > 0; left--) portions.push(text(client.read(1)));
      portions.push(text(client.read(1)));
    });
    server.send(publish({ topic: "t", payload: "abc" }), publish({ topic: "t", payload: "de" }));
    expect(portions).toEqual(["a", "b", "c", undefined, "d", "e", undefined]);
  });
});
