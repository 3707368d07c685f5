import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { generate } from "mqtt-packet";
import { type ConnectOptions, NO_ROOM } from "../../src/codec/codec.js";
import { v3 } from "../../src/codec/v3.js";
import type { MqttError } from "../../src/errors.js";
import { ReceivedMessage } from "../../src/session/message.js";
import type { QoS } from "../../src/wire/quality-of-service.js";
import { SUBSCRIBE, UNSUBSCRIBE } from "../../src/wire/packet-type.js";
import { Topic } from "../../src/wire/topic.js";
import { TopicFilter } from "../../src/wire/topic-filter.js";
import { concat, hex, mqttString, publish, toHex, utf8 } from "../support/packets.js";

const qos = fc.constantFrom<QoS>(0, 1, 2);
const identifier = fc.integer({ min: 1, max: 65_535 });
const text = fc.string({ unit: "grapheme", maxLength: 30 }).filter((value) => !value.includes("\0"));
const bytes = fc.uint8Array({ maxLength: 300 });
const topicName = text.filter((value) => value !== "" && !/[+#]/.test(value));
const filters = fc.array(
  fc.record({ filter: fc.tuple(topicName, fc.constantFrom("", "/+", "/#")).map((parts) => parts.join("")), qos }),
  { minLength: 1, maxLength: 5 },
);

/** What a writer of the codec has written to the front of a buffer that is large enough. */
function written(write: (bytes: Uint8Array) => number): Uint8Array {
  const packet = new Uint8Array(2_048).fill(0xaa);
  const length = write(packet);
  expect(packet.subarray(length + 5).every((byte) => byte === 0xaa)).toBe(true); // 5: the body is moved up to its header
  return packet.slice(0, length);
}

function connect(options: ConnectOptions): Uint8Array {
  return written((packet) => v3.connect(packet, options));
}

/** A PUBLISH as the session makes it: the head by the codec, the payload behind it. */
function wholePublish(topic: string, payload: Uint8Array, quality: QoS, retain: boolean, packetIdentifier: number): Uint8Array {
  const packet = new Uint8Array(20_000);
  const at = v3.publish(packet, 0, new Topic(topic), (quality << 1) | (retain ? 1 : 0), packetIdentifier, payload.length);
  packet.set(payload, at);
  return packet.slice(0, at + payload.length);
}

describe("byte for byte as mqtt-packet, for any fields", () => {
  it("CONNECT", () => {
    const will = fc.record({ topic: topicName, payload: bytes, qos, retain: fc.boolean() });
    const fields = fc.record({
      clientId: text.filter((value) => value !== ""),
      clean: fc.boolean(),
      keepalive: fc.nat(65_535),
      username: fc.option(text.filter((value) => value !== ""), { nil: undefined }),
      password: fc.option(bytes.filter((value) => value.length > 0), { nil: undefined }),
      will: fc.option(will, { nil: undefined }),
    });
    fc.assert(
      fc.property(fields, ({ clientId, clean, keepalive, username, password, will: message }) => {
        const secret = username === undefined ? undefined : password; // 3.1.2.9
        const packet = connect({
          clientId,
          clean,
          keepalive,
          ...(username === undefined ? {} : { username }),
          ...(secret === undefined ? {} : { password: secret }),
          ...(message === undefined ? {} : { will: message }),
        });
        const expected = generate({
          cmd: "connect",
          protocolId: "MQTT",
          protocolVersion: 4,
          clientId,
          clean,
          keepalive,
          ...(username === undefined ? {} : { username }),
          ...(secret === undefined ? {} : { password: Buffer.from(secret) }),
          ...(message === undefined ? {} : { will: { ...message, payload: Buffer.from(message.payload) } }),
        });
        expect(toHex(packet)).toBe(toHex(expected));
      }),
    );
  });

  it("PUBLISH", () => {
    fc.assert(
      fc.property(topicName, bytes, qos, fc.boolean(), identifier, (topic, payload, quality, retain, messageId) => {
        const expected = generate({ cmd: "publish", topic, payload: Buffer.from(payload), qos: quality, retain, dup: false, messageId });
        const used = quality === 0 ? 0 : messageId;
        expect(toHex(wholePublish(topic, payload, quality, retain, used))).toBe(toHex(expected));
      }),
    );
  });

  it("SUBSCRIBE", () => {
    fc.assert(
      fc.property(identifier, filters, (messageId, requested) => {
        const entries = requested.map((each) => ({ filter: new TopicFilter(each.filter), qos: each.qos }));
        const packet = written((target) => v3.request(target, SUBSCRIBE, messageId, entries));
        const subscriptions = requested.map((each) => ({ topic: each.filter, qos: each.qos }));
        expect(toHex(packet)).toBe(toHex(generate({ cmd: "subscribe", messageId, subscriptions })));
      }),
    );
  });

  it("UNSUBSCRIBE", () => {
    fc.assert(
      fc.property(identifier, filters, (messageId, requested) => {
        const entries = requested.map((each) => ({ filter: new TopicFilter(each.filter), qos: each.qos }));
        const packet = written((target) => v3.request(target, UNSUBSCRIBE, messageId, entries));
        const unsubscriptions = requested.map(({ filter }) => filter);
        expect(toHex(packet)).toBe(toHex(generate({ cmd: "unsubscribe", messageId, unsubscriptions })));
      }),
    );
  });
});

describe("CONNECT", () => {
  const PLAIN: ConnectOptions = { clientId: "c" };
  const will: NonNullable<ConnectOptions["will"]> = { topic: new Topic("w"), payload: utf8("x") };

  /** The Connect Flags (3.1.2.3). */
  function flags(options: ConnectOptions): number {
    return connect({ ...PLAIN, ...options })[9];
  }

  it("is the smallest it can be without options", () => {
    expect(toHex(connect({}))).toBe("10 0c 00 04 4d 51 54 54 04 02 00 3c 00 00");
  });

  it.each<[string, ConnectOptions, number]>([
    ["a clean session", {}, 0b00000010],
    ["a session that goes on", { clean: false }, 0b00000000],
    ["a will of QoS 0", { will }, 0b00000110],
    ["a will of QoS 1", { will: { ...will, qos: 1 } }, 0b00001110],
    ["a will of QoS 2", { will: { ...will, qos: 2 } }, 0b00010110],
    ["a retained will", { will: { ...will, retain: true } }, 0b00100110],
    ["a user name", { username: "u" }, 0b10000010],
    ["an empty user name, which is one", { username: "" }, 0b10000010],
    ["a user name and a password", { username: "u", password: "p" }, 0b11000010],
    ["a password of bytes", { username: "u", password: Uint8Array.of(0, 255) }, 0b11000010],
    ["an empty password, which is one", { username: "u", password: "" }, 0b11000010],
  ])("sets the flags of %s", (_, fields, expected) => {
    expect(flags(fields).toString(2)).toBe(expected.toString(2));
  });

  it("has its payload in the order client identifier, will, user name, password [MQTT-3.1.3-1]", () => {
    const packet = connect({ ...PLAIN, will, username: "u", password: "p" });
    expect(toHex(packet.slice(12))).toBe(toHex(Uint8Array.from(["c", "w", "x", "u", "p"].flatMap((part) => [...mqttString(part)]))));
  });

  it.each([
    [0, "00 00"],
    [255, "00 ff"],
    [256, "01 00"],
    [65_535, "ff ff"],
  ])("has a keep alive of %i seconds", (keepalive, expected) => {
    expect(toHex(connect({ ...PLAIN, keepalive }).slice(10, 12))).toBe(expected);
  });
});

describe("a CONNECT with options that are wrong", () => {
  it.each<[string, ConnectOptions, string, string]>([
    ["a session to keep, of nobody", { clean: false }, "ERR_ARGUMENT", "clientId"],
    ["a password without a user name", { password: "p" }, "ERR_ARGUMENT", "username"],
    ["U+0000 in a client identifier", { clientId: "a\0b" }, "ERR_ARGUMENT", "clientId"],
    ["65,536 bytes of user name", { username: "é".repeat(32_768) }, "ERR_ARGUMENT", "username"],
    ["65,536 bytes of password", { username: "", password: new Uint8Array(65_536) }, "ERR_ARGUMENT", "password"],
    ["a lone surrogate in a will", { will: { topic: "w", payload: "\ud800" } }, "ERR_ARGUMENT", "will.payload"],
    ["a will to a filter", { will: { topic: "#" } }, "ERR_TOPIC", "#"],
  ])("%s", (_, options, code, name) => {
    const refusal = expect.objectContaining({ code, message: expect.stringContaining(name) as string }) as Error;
    expect(() => v3.connect(new Uint8Array(2_048), options)).toThrow(refusal);
  });
});

describe("the largest packet that has room", () => {
  it.each<[string, (bytes: Uint8Array) => number]>([
    ["CONNECT", (target) => v3.connect(target, { clientId: "c".repeat(20) })],
    ["SUBSCRIBE", (target) => v3.request(target, SUBSCRIBE, 1, [{ filter: new TopicFilter("a".repeat(20)), qos: 1 }])],
    ["UNSUBSCRIBE", (target) => v3.request(target, UNSUBSCRIBE, 1, [{ filter: new TopicFilter("a".repeat(20)), qos: 1 }])],
  ])("%s", (_, write) => {
    const room = written(write).length + 3; // the header is made room for in its longest form
    expect(toHex(new Uint8Array(room).subarray(0, write(new Uint8Array(room))))).not.toBe("");
    expect(() => write(new Uint8Array(room - 2))).toThrow(expect.objectContaining({ code: "ERR_PACKET_SIZE" }) as Error);
  });
});

describe("PUBLISH", () => {
  it.each([0, 123, 124, 125, 126, 127, 16_379, 16_380, 16_381, 16_382])("announces a payload of %i bytes", (length) => {
    for (const quality of [0, 1, 2] as const) {
      const payload = new Uint8Array(length).fill(1);
      const expected = publish({ topic: "t", payload, qos: quality, identifier: 300 });
      expect(toHex(wholePublish("t", payload, quality, false, quality === 0 ? 0 : 300))).toBe(toHex(expected));
    }
  });

  it("is written where it is told to be", () => {
    const packet = new Uint8Array(12).fill(0xaa);
    expect(v3.publish(packet, 2, new Topic("t"), 0b0011, 0x0102, 1)).toBe(9);
    expect(toHex(packet)).toBe("aa aa 33 06 00 01 74 01 02 aa aa aa");
  });

  it("has room for its head up to the last byte, and none with one less", () => {
    const head = 2 + 3 + 2;
    expect(v3.publish(new Uint8Array(9 + head), 9, new Topic("t"), 0b0010, 1, 100)).toBe(9 + head);
    for (let room = 0; room < head; room++)
      expect(v3.publish(new Uint8Array(9 + room), 9, new Topic("t"), 0b0010, 1, 100)).toBe(NO_ROOM);
  });

  it("leaves what is before it alone where it has no room", () => {
    const packet = new Uint8Array(8).fill(0xaa);
    v3.publish(packet, 4, new Topic("topic"), 0, 0, 1_000);
    expect(toHex(packet.slice(0, 4))).toBe("aa aa aa aa");
  });

  it("can be as large as Remaining Length can say, no larger", () => {
    const packet = new Uint8Array(16);
    expect(v3.publish(packet, 0, new Topic("t"), 0, 0, 268_435_455 - 3)).toBe(8);
    expect(toHex(packet.slice(0, 8))).toBe("30 ff ff ff 7f 00 01 74");
    expect(() => v3.publish(packet, 0, new Topic("t"), 0, 0, 268_435_455 - 2)).toThrow(
      expect.objectContaining({ code: "ERR_PACKET_SIZE", fault: "caller" }) as Error,
    );
  });
});

describe("the first byte of what a server sends (table 2.2)", () => {
  const LEGAL = [0x20, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x3a, 0x3b, 0x3c, 0x3d, 0x40, 0x50, 0x62, 0x70, 0x90, 0xb0, 0xd0];
  const SERVER_TYPES = [2, 3, 4, 5, 6, 7, 9, 11, 13];

  it.each(Array.from({ length: 256 }, (_, first) => first))("%i", (first) => {
    const error = v3.check(first, -1);
    if (LEGAL.includes(first)) expect(error).toBeUndefined();
    else expect(error?.code).toBe(SERVER_TYPES.includes(first >> 4) ? "ERR_MALFORMED_PACKET" : "ERR_PROTOCOL");
  });
});

describe("the Remaining Length of what a server sends", () => {
  it.each([
    ["CONNACK", 2, [2], [0, 1, 3]],
    ["PUBLISH", 3, [0, 3, 268_435_455], []], // what it holds decides
    ["PUBACK", 4, [2], [0, 1, 3]],
    ["PUBREC", 5, [2], [0, 1, 3]],
    ["PUBREL", 6, [2], [0, 1, 3]],
    ["PUBCOMP", 7, [2], [0, 1, 3]],
    ["SUBACK", 9, [3, 4, 1_000], [0, 1, 2]],
    ["UNSUBACK", 11, [2], [0, 1, 3]],
    ["PINGRESP", 13, [0], [1, 2]],
  ])("%s", (_, type, legal, illegal) => {
    const first = (type << 4) | (type === 6 ? 2 : 0);
    for (const length of legal) expect(v3.check(first, length)).toBeUndefined();
    for (const length of illegal) expect(v3.check(first, length)?.code).toBe("ERR_MALFORMED_PACKET");
  });

  it("is told by `lengths` for exactly those first bytes that `check` takes with one length only", () => {
    for (let first = 0; first < 256; first++) {
      const lengths = Array.from({ length: 300 }, (_, length) => length).filter((length) => !v3.check(first, length));
      expect(v3.lengths[first]).toBe(lengths.length === 1 ? lengths[0] : undefined);
    }
  });
});

describe("CONNACK", () => {
  /** The bytes after the fixed header, somewhere in a buffer. */
  function connack(flags: number, returnCode: number): MqttError | undefined {
    return v3.checkConnack(Uint8Array.of(9, 9, flags, returnCode, 9), 2);
  }

  it.each([0, 1])("with flags %i accepts", (flags) => {
    expect(connack(flags, 0)).toBeUndefined();
  });

  it.each([
    [1, "version"],
    [2, "client identifier"],
    [3, "unavailable"],
    [4, "user name or password"],
    [5, "not authorized"],
  ])("with return code %i refuses: %s", (returnCode, reason) => {
    const error = connack(0, returnCode);
    expect(error).toMatchObject({ code: "ERR_CONNECTION_REFUSED", fault: "server", reasonCode: returnCode });
    expect(error?.message).toBe(`refused by the server: ${reason}`);
  });

  it("that refuses and says that a session is present is a refusal [MQTT-3.2.2-4]", () => {
    expect(connack(1, 5)).toMatchObject({ code: "ERR_CONNECTION_REFUSED", reasonCode: 5 });
  });

  it.each([
    [0x02, 0, "ERR_MALFORMED_PACKET"],
    [0x80, 0, "ERR_MALFORMED_PACKET"],
    [0x03, 0, "ERR_MALFORMED_PACKET"],
    [0x00, 6, "ERR_PROTOCOL"],
    [0x00, 255, "ERR_PROTOCOL"],
  ])("with flags %i and return code %i breaks the standard", (flags, returnCode, code) => {
    expect(connack(flags, returnCode)?.code).toBe(code);
  });
});

describe("SUBACK", () => {
  it("may have the codes 0, 1, 2 and 128, and no other [MQTT-3.9.3-2]", () => {
    for (let code = 0; code < 256; code++) {
      const error = v3.checkCodes(Uint8Array.of(0, code));
      expect(error?.code).toBe([0, 1, 2, 128].includes(code) ? undefined : "ERR_PROTOCOL");
    }
  });
});

/** Lets the codec read a PUBLISH whose Remaining Length is one byte, with others around it. */
function read(packetBytes: Uint8Array, received = packetBytes.length): { parts: ReceivedMessage; error: MqttError | undefined } {
  const before = 3;
  const parts = new ReceivedMessage(concat(new Uint8Array(before).fill(0xff), packetBytes, new Uint8Array(8).fill(0x7a)));
  parts.flags = packetBytes[0] & 15;
  const error = v3.readPublish(parts, before + 2, before + packetBytes.length, before + received);
  return { parts, error };
}

describe("PUBLISH from the server", () => {
  it.each([
    ["an empty payload", "30 03 00 01 61", 5],
    ["a payload", "30 05 00 01 61 62 63", 5],
    ["an identifier and no payload", "32 05 00 01 61 00 07", 7],
    ["an identifier and a payload", "34 06 00 01 61 00 07 62", 7],
  ])("with %s", (_, packetBytes, payloadStart) => {
    const { parts, error } = read(hex(packetBytes));
    expect(error).toBeUndefined();
    expect(parts).toMatchObject({ topicStart: 3 + 4, topicEnd: 3 + 5, start: 3 + payloadStart });
    if (parts.flags > 0) expect(parts.identifier).toBe(7);
  });

  it("may have any identifier but 0 [MQTT-2.3.1-1]", () => {
    expect(read(hex("32 05 00 01 61 01 00"))).toMatchObject({ error: undefined, parts: { identifier: 256 } });
    expect(read(hex("34 05 00 01 61 ff ff"))).toMatchObject({ error: undefined, parts: { identifier: 65_535 } });
    expect(read(hex("32 05 00 01 61 00 00")).error?.code).toBe("ERR_PROTOCOL");
    expect(read(hex("34 05 00 01 61 00 00")).error?.code).toBe("ERR_PROTOCOL");
    expect(read(hex("30 05 00 01 61 00 00")).error).toBeUndefined(); // QoS 0: payload
  });

  it("has come in up to its payload, or its head is too long", () => {
    expect(read(hex("32 09 00 01 61 00 07 62 62 62 62"), 7).error).toBeUndefined();
    expect(read(hex("32 09 00 01 61 00 07 62 62 62 62"), 6).error).toMatchObject({ code: "ERR_RECEIVE_SIZE", fault: "resources" });
  });

  it.each([
    ["nothing", "30 00"],
    ["half of a topic length", "30 01 00"],
    ["an empty topic", "30 02 00 00"],
    ["a topic that is cut off", "30 03 00 02 61"],
    ["a topic and half of an identifier", "32 04 00 01 61 00"],
    ["a topic and no identifier", "32 03 00 01 61"],
    ["a wildcard", "30 03 00 01 2b"],
    ["the other wildcard", "30 03 00 01 23"],
    ["U+0000", "30 03 00 01 00"],
    ["a surrogate", "30 05 00 03 ed a0 80"],
    ["UTF-8 cut off by the end of the topic", "30 04 00 01 c3 a9"],
    ["overlong UTF-8", "30 04 00 02 c0 af"],
  ])("with %s is malformed", (_, packetBytes) => {
    expect(read(hex(packetBytes)).error?.code).toBe("ERR_MALFORMED_PACKET");
  });
});
