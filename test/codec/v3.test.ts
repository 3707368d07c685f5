import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { generate } from "mqtt-packet";
import type { ConnectFields } from "../../src/codec/codec.js";
import { Packet } from "../../src/codec/packet.js";
import { v3 } from "../../src/codec/v3.js";
import type { MqttError } from "../../src/errors.js";
import type { QoS } from "../../src/wire/quality-of-service.js";
import { Topic } from "../../src/wire/topic.js";
import { TopicFilter } from "../../src/wire/topic-filter.js";
import { encodeString, prefixLength } from "../../src/wire/utf8.js";
import { hex, mqttString, publish, toHex, utf8 } from "../support/packets.js";

const qos = fc.constantFrom<QoS>(0, 1, 2);
const identifier = fc.integer({ min: 1, max: 65_535 });
const text = fc.string({ unit: "grapheme", maxLength: 30 }).filter((value) => !value.includes("\0"));
const bytes = fc.uint8Array({ maxLength: 300 });
const topicName = text.filter((value) => value !== "" && !/[+#]/.test(value));
const filters = fc.array(
  fc.record({ filter: fc.tuple(topicName, fc.constantFrom("", "/+", "/#")).map((parts) => parts.join("")), qos }),
  { minLength: 1, maxLength: 5 },
);

function string(value: string): Uint8Array {
  return encodeString(value) ?? new Uint8Array(0);
}

function binary(value: Uint8Array): Uint8Array {
  return prefixLength(value) ?? new Uint8Array(0);
}

/** A PUBLISH as the session makes it: the head by the codec, the payload behind it. */
function wholePublish(topic: string, payload: Uint8Array, quality: QoS, retain: boolean, packetIdentifier: number): Uint8Array {
  const name = new Topic(topic);
  const packet = new Uint8Array(v3.publishSize(name, quality, payload.length));
  const at = v3.writePublish(packet, 0, name, quality, retain, packetIdentifier, payload.length);
  packet.set(payload, at);
  return packet;
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
        const packet = v3.connect({
          clientId: string(clientId),
          clean,
          keepalive,
          username: username === undefined ? undefined : string(username),
          password: secret && binary(secret),
          will: message && { ...message, topic: new Topic(message.topic), payload: binary(message.payload) },
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
        const packet = v3.subscribe(messageId, requested.map((each) => ({ filter: new TopicFilter(each.filter), qos: each.qos })));
        const subscriptions = requested.map((each) => ({ topic: each.filter, qos: each.qos }));
        expect(toHex(packet)).toBe(toHex(generate({ cmd: "subscribe", messageId, subscriptions })));
      }),
    );
  });

  it("UNSUBSCRIBE", () => {
    fc.assert(
      fc.property(identifier, filters, (messageId, requested) => {
        const packet = v3.unsubscribe(messageId, requested.map(({ filter }) => new TopicFilter(filter)));
        const unsubscriptions = requested.map(({ filter }) => filter);
        expect(toHex(packet)).toBe(toHex(generate({ cmd: "unsubscribe", messageId, unsubscriptions })));
      }),
    );
  });
});

describe("CONNECT", () => {
  const PLAIN: ConnectFields = {
    clientId: string("c"),
    clean: true,
    keepalive: 60,
    username: undefined,
    password: undefined,
    will: undefined,
  };
  const will: NonNullable<ConnectFields["will"]> = { topic: new Topic("w"), payload: binary(utf8("x")), qos: 0, retain: false };

  /** The Connect Flags (3.1.2.3). */
  function flags(fields: Partial<ConnectFields>): number {
    return v3.connect({ ...PLAIN, ...fields })[9];
  }

  it("is the smallest it can be without options", () => {
    const packet = v3.connect({ ...PLAIN, clientId: string("") });
    expect(toHex(packet)).toBe("10 0c 00 04 4d 51 54 54 04 02 00 3c 00 00");
  });

  it.each<[string, Partial<ConnectFields>, number]>([
    ["a clean session", {}, 0b00000010],
    ["a session that goes on", { clean: false }, 0b00000000],
    ["a will of QoS 0", { will }, 0b00000110],
    ["a will of QoS 1", { will: { ...will, qos: 1 } }, 0b00001110],
    ["a will of QoS 2", { will: { ...will, qos: 2 } }, 0b00010110],
    ["a retained will", { will: { ...will, retain: true } }, 0b00100110],
    ["a user name", { username: string("u") }, 0b10000010],
    ["an empty user name, which is one", { username: string("") }, 0b10000010],
    ["a user name and a password", { username: string("u"), password: string("p") }, 0b11000010],
    ["an empty password, which is one", { username: string("u"), password: string("") }, 0b11000010],
  ])("sets the flags of %s", (_, fields, expected) => {
    expect(flags(fields).toString(2)).toBe(expected.toString(2));
  });

  it("has its payload in the order client identifier, will, user name, password [MQTT-3.1.3-1]", () => {
    const packet = v3.connect({ ...PLAIN, will, username: string("u"), password: string("p") });
    expect(toHex(packet.slice(12))).toBe(toHex(Uint8Array.from(["c", "w", "x", "u", "p"].flatMap((part) => [...mqttString(part)]))));
  });

  it.each([
    [0, "00 00"],
    [255, "00 ff"],
    [256, "01 00"],
    [65_535, "ff ff"],
  ])("has a keep alive of %i seconds", (keepalive, expected) => {
    expect(toHex(v3.connect({ ...PLAIN, keepalive }).slice(10, 12))).toBe(expected);
  });
});

describe("PUBLISH", () => {
  it.each([0, 123, 124, 125, 126, 127, 16_379, 16_380, 16_381, 16_382])("has its size told beforehand with %i bytes", (length) => {
    for (const quality of [0, 1, 2] as const) {
      const payload = new Uint8Array(length).fill(1);
      const expected = publish({ topic: "t", payload, qos: quality, identifier: 300 });
      expect(v3.publishSize(new Topic("t"), quality, length)).toBe(expected.length);
      expect(toHex(wholePublish("t", payload, quality, false, 300))).toBe(toHex(expected));
    }
  });

  it("is written where it is told to be", () => {
    const packet = new Uint8Array(12).fill(0xaa);
    expect(v3.writePublish(packet, 2, new Topic("t"), 1, true, 0x0102, 1)).toBe(9);
    expect(toHex(packet)).toBe("aa aa 33 06 00 01 74 01 02 aa aa aa");
  });
});

describe("the first byte of what a server sends (table 2.2)", () => {
  const LEGAL = [0x20, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x3a, 0x3b, 0x3c, 0x3d, 0x40, 0x50, 0x62, 0x70, 0x90, 0xb0, 0xd0];
  const SERVER_TYPES = [2, 3, 4, 5, 6, 7, 9, 11, 13];

  it.each(Array.from({ length: 256 }, (_, first) => first))("%i", (first) => {
    const error = v3.checkFirstByte(first);
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
    for (const length of legal) expect(v3.checkLength(type, length)).toBeUndefined();
    for (const length of illegal) expect(v3.checkLength(type, length)?.code).toBe("ERR_MALFORMED_PACKET");
  });
});

/** Lets the codec read a packet whose Remaining Length is one byte. */
function read(packetBytes: Uint8Array): { packet: Packet; error: MqttError | undefined } {
  const packet = new Packet();
  packet.type = packetBytes[0] >> 4;
  packet.flags = packetBytes[0] & 15;
  packet.start = 2;
  packet.end = packetBytes.length;
  const error = packet.type === 3 ? v3.readPublish(packet, packetBytes, packetBytes.length) : v3.read(packet, packetBytes);
  return { packet, error };
}

describe("CONNACK", () => {
  it.each([
    ["20 02 00 00", false],
    ["20 02 01 00", true],
  ])("%s accepts", (packetBytes, sessionPresent) => {
    const { packet, error } = read(hex(packetBytes));
    expect(error).toBeUndefined();
    expect(packet.sessionPresent).toBe(sessionPresent);
  });

  it.each([
    [1, "unacceptable protocol version"],
    [2, "identifier rejected"],
    [3, "server unavailable"],
    [4, "bad user name or password"],
    [5, "not authorized"],
  ])("with return code %i refuses: %s", (returnCode, reason) => {
    const { error } = read(Uint8Array.of(0x20, 2, 0, returnCode));
    expect(error).toMatchObject({ code: "ERR_CONNECTION_REFUSED", reasonCode: returnCode });
    expect(error?.message).toContain(reason);
  });

  it("that refuses and says that a session is present is a refusal, with a word about the rest [MQTT-3.2.2-4]", () => {
    const { error } = read(hex("20 02 01 05"));
    expect(error).toMatchObject({ code: "ERR_CONNECTION_REFUSED", reasonCode: 5 });
    expect(error?.message).toContain("session is present");
  });

  it.each([
    ["20 02 02 00", "ERR_MALFORMED_PACKET"],
    ["20 02 80 00", "ERR_MALFORMED_PACKET"],
    ["20 02 03 00", "ERR_MALFORMED_PACKET"],
    ["20 02 00 06", "ERR_PROTOCOL"],
    ["20 02 00 ff", "ERR_PROTOCOL"],
  ])("%s breaks the standard", (packetBytes, code) => {
    expect(read(hex(packetBytes)).error?.code).toBe(code);
  });
});

describe("packet identifiers", () => {
  it.each(["40", "50", "62", "70", "b0"])("%s 02: any but 0", (first) => {
    expect(read(hex(`${first} 02 00 01`))).toMatchObject({ error: undefined, packet: { identifier: 1 } });
    expect(read(hex(`${first} 02 01 00`))).toMatchObject({ error: undefined, packet: { identifier: 256 } });
    expect(read(hex(`${first} 02 ff ff`))).toMatchObject({ error: undefined, packet: { identifier: 65_535 } });
    expect(read(hex(`${first} 02 00 00`)).error?.code).toBe("ERR_PROTOCOL");
  });

  it("SUBACK and PUBLISH: any but 0", () => {
    expect(read(hex("90 03 00 00 00")).error?.code).toBe("ERR_PROTOCOL");
    expect(read(hex("32 05 00 01 61 00 00")).error?.code).toBe("ERR_PROTOCOL");
    expect(read(hex("34 05 00 01 61 00 00")).error?.code).toBe("ERR_PROTOCOL");
    expect(read(hex("30 05 00 01 61 00 00")).error).toBeUndefined(); // QoS 0: payload
  });
});

describe("SUBACK", () => {
  it("may have the codes 0, 1, 2 and 128, and no other [MQTT-3.9.3-2]", () => {
    for (let code = 0; code < 256; code++) {
      const { error } = read(Uint8Array.of(0x90, 4, 0, 1, 0, code));
      expect(error?.code).toBe([0, 1, 2, 128].includes(code) ? undefined : "ERR_PROTOCOL");
    }
  });
});

describe("PUBLISH from the server", () => {
  it.each([
    ["an empty payload", "30 03 00 01 61", 5, 5],
    ["a payload", "30 05 00 01 61 62 63", 5, 7],
    ["an identifier and no payload", "32 05 00 01 61 00 07", 7, 7],
    ["an identifier and a payload", "34 06 00 01 61 00 07 62", 7, 8],
  ])("with %s", (_, packetBytes, payloadStart, end) => {
    const { packet, error } = read(hex(packetBytes));
    expect(error).toBeUndefined();
    expect(packet).toMatchObject({ topicStart: 4, topicEnd: 5, payloadStart, end });
    if (packet.flags > 0) expect(packet.identifier).toBe(7);
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
