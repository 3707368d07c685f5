import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { isTopicName, Topic, viewOf } from "../../src/wire/topic.js";
import { concat, hex, mqttString, toHex, utf8 } from "../support/packets.js";

describe("Topic", () => {
  it.each(["a", "/", "//", "a/b", "/a", "a/", " ", "sport/tennis/player1", "$SYS/x", "é€😀", "\ufeff", "\u007f", "a".repeat(65_535)])(
    "takes %s",
    (name) => {
      expect(toHex(new Topic(name).bytes)).toBe(toHex(mqttString(name)));
    },
  );

  it.each([
    ["the empty name [MQTT-4.7.3-1]", ""],
    ["a single-level wildcard [MQTT-3.3.2-2]", "a/+"],
    ["a multi-level wildcard", "#"],
    ["a wildcard inside of a level", "a+b"],
    ["a wildcard at the end of a level", "a#"],
    ["U+0000 [MQTT-4.7.3-2]", "a\0b"],
    ["a lone surrogate [MQTT-1.5.3-1]", "a\ud800"],
    ["65,536 bytes [MQTT-4.7.3-3]", "a".repeat(65_536)],
    ["65,536 bytes in 32,768 characters", "é".repeat(32_768)],
  ])("refuses %s", (_, name) => {
    expect(() => new Topic(name)).toThrow(expect.objectContaining({ code: "ERR_TOPIC", fault: "caller" }) as Error);
  });

  it("says which name was wrong, and what is right", () => {
    expect(() => new Topic("a/#")).toThrow('"a/#": expected 1 to 65535 bytes without "+", "#" or U+0000');
  });
});

function isName(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
  return isTopicName(bytes, viewOf(bytes), start, end);
}

describe("isTopicName", () => {
  it("looks only at the bytes between start and end", () => {
    const bytes = concat(utf8("#+"), utf8("a/b"), utf8("#\0"));
    expect(isName(bytes, 2, 5)).toBe(true);
    expect(isName(bytes, 1, 5)).toBe(false);
    expect(isName(bytes, 2, 6)).toBe(false);
    expect(isName(bytes, 2, 2)).toBe(false);
  });

  it("refuses a sequence that is cut off by the end, though its rest follows", () => {
    expect(isName(hex("61 c3 a9"), 0, 2)).toBe(false);
    expect(isName(hex("61 c3 a9"), 0, 3)).toBe(true);
  });

  it.each(["00", "2b", "23", "ff", "c3"])("finds byte %s wherever it stands, though four are looked at together", (byte) => {
    for (let length = 1; length <= 12; length++)
      for (let at = 0; at < length; at++) expect(isName(utf8("z".repeat(length)).with(at, hex(byte)[0]))).toBe(false);
  });

  it("takes every ASCII character but three, wherever it stands", () => {
    for (let code = 1; code < 0x80; code++)
      for (let at = 0; at < 4; at++)
        expect(isName(utf8("zzzz").with(at, code))).toBe(code !== 0x2b && code !== 0x23);
  });

  it("agrees with a decoder and a regular expression on any bytes", () => {
    const bytesNearTopics = fc.array(fc.oneof(fc.nat(255), fc.integer({ min: 0x20, max: 0x7f }), fc.constantFrom(0xc3, 0xa9)), { maxLength: 10 });
    fc.assert(
      fc.property(bytesNearTopics.map((bytes) => Uint8Array.from(bytes)), (bytes) => {
        expect(isName(bytes)).toBe(isTopicNameByString(bytes));
      }),
      { numRuns: 2_000 },
    );
  });
});

function isTopicNameByString(bytes: Uint8Array): boolean {
  try {
    return /^[^+#\0]+$/su.test(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return false;
  }
}
