import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { decodeCodePoint, decodeUtf8, encodeUtf8, ILL_FORMED, utf8, withLength } from "../../src/wire/utf8.js";
import { hex, toHex } from "../support/packets.js";

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text of any code points, surrogates only in pairs. */
const text = fc.string({ unit: "binary", maxLength: 100 });

/** What the rules for one sequence say of whole bytes. */
function isValid(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; ) {
    const decoded = decodeCodePoint(bytes, at, bytes.length);
    if (decoded === ILL_FORMED) return false;
    at += decoded & 7;
  }
  return true;
}

function isValidForNode(bytes: Uint8Array): boolean {
  try {
    strictDecoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

describe("well-formed sequences, the first and last of each size and around the surrogates", () => {
  it.each([
    ["U+0001", 0x1, "01"],
    ["U+007F", 0x7f, "7f"],
    ["U+0080", 0x80, "c2 80"],
    ["U+07FF", 0x7ff, "df bf"],
    ["U+0800", 0x800, "e0 a0 80"],
    ["U+D7FF", 0xd7ff, "ed 9f bf"],
    ["U+E000", 0xe000, "ee 80 80"],
    ["U+FEFF", 0xfeff, "ef bb bf"],
    ["U+FFFF", 0xffff, "ef bf bf"],
    ["U+10000", 0x10000, "f0 90 80 80"],
    ["U+FFFFF", 0xfffff, "f3 bf bf bf"],
    ["U+100000", 0x100000, "f4 80 80 80"],
    ["U+10FFFF", 0x10ffff, "f4 8f bf bf"],
  ])("%s", (_, codePoint, sequence) => {
    const bytes = hex(sequence);
    const character = String.fromCodePoint(codePoint);
    expect(toHex(utf8(character))).toBe(sequence);
    expect(decodeUtf8(bytes, 0, bytes.length)).toBe(character);
    expect(decodeCodePoint(bytes, 0, bytes.length)).toBe(codePoint * 8 + bytes.length);
  });
});

describe("ill-formed sequences (Unicode, table 3-7)", () => {
  it.each([
    ["a continuation byte first", "80"],
    ["the last continuation byte first", "bf"],
    ["overlong U+0000", "c0 80"],
    ["overlong U+007F", "c1 bf"],
    ["overlong U+0080 in three bytes", "e0 82 80"],
    ["overlong U+07FF in three bytes", "e0 9f bf"],
    ["overlong U+FFFF in four bytes", "f0 8f bf bf"],
    ["overlong U+0000 in four bytes", "f0 80 80 80"],
    ["the first surrogate", "ed a0 80"],
    ["the last surrogate", "ed bf bf"],
    ["a surrogate pair, as CESU-8 has it", "ed a0 bd ed b8 80"],
    ["U+110000", "f4 90 80 80"],
    ["lead byte F5", "f5 80 80 80"],
    ["lead byte F8, of five bytes", "f8 88 80 80 80"],
    ["byte FE", "fe"],
    ["byte FF", "ff"],
    ["two bytes, cut after one", "c2"],
    ["three bytes, cut after two", "e2 82"],
    ["four bytes, cut after three", "f0 9f 98"],
    ["no continuation byte second of two", "c2 7f"],
    ["a lead byte second of two", "c2 c0"],
    ["no continuation byte third of three", "e2 82 28"],
    ["no continuation byte third of four", "f0 9f 28 80"],
    ["no continuation byte fourth of four", "f0 9f 98 c0"],
  ])("%s", (_, sequence) => {
    const bytes = hex(sequence);
    expect(decodeCodePoint(bytes, 0, bytes.length)).toBe(ILL_FORMED);
    expect(isValidForNode(bytes)).toBe(false); // the table itself is right
  });

  it("does not look past the end for the rest of a sequence", () => {
    expect(decodeCodePoint(hex("e2 82 ac"), 0, 2)).toBe(ILL_FORMED);
    expect(decodeCodePoint(hex("e2 82 ac"), 0, 3)).toBe(0x20ac * 8 + 3);
  });
});

describe("against Node's TextEncoder and TextDecoder", () => {
  it("encodes alike", () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(utf8(value)).toEqual(encoder.encode(value));
      }),
    );
  });

  it("decodes alike, wherever the bytes lie", () => {
    fc.assert(
      fc.property(text, fc.nat(5), (value, before) => {
        const content = encoder.encode(value);
        const bytes = new Uint8Array(before + content.length + 3).fill(0xff);
        bytes.set(content, before);
        expect(decodeUtf8(bytes, before, before + content.length)).toBe(value);
      }),
    );
  });

  it("validates alike", () => {
    const sequences = fc.array(fc.oneof(fc.nat(255), fc.constantFrom(0x80, 0xbf, 0xc2, 0xe0, 0xed, 0xf0, 0xf4)), { maxLength: 6 });
    const anyBytes = sequences.map((bytes) => Uint8Array.from(bytes));
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(isValid(bytes)).toBe(isValidForNode(bytes));
      }),
      { numRuns: 2_000 },
    );
  });

  it("decodes texts longer than its batches, cut inside of no character", () => {
    for (const length of [31, 32, 33, 63, 64, 65, 1_000]) {
      const value = "a€😀".repeat(length).slice(0, length);
      const whole = value.isWellFormed() ? value : value.slice(0, -1);
      const bytes = encoder.encode(whole);
      expect(decodeUtf8(bytes, 0, bytes.length)).toBe(whole);
    }
  });
});

const REFUSED: [string, unknown][] = [
  ["a high surrogate at the end", "a\ud800"],
  ["a high surrogate before a letter", "\udbffa"],
  ["two high surrogates", "\ud83d\ud83d\ude00"],
  ["a low surrogate", "\udc00"],
  ["a pair in the wrong order", "\ude00\ud83d"],
  ["what is no text", 5],
  ["nothing", undefined],
];

describe("decodeUtf8", () => {
  it.each([
    ["c3", "\ufffd"],
    ["61 ff 62", "a\ufffdb"],
    ["e2 82 61", "\ufffd\ufffda"],
    ["c3 a9 80", "é\ufffd"],
  ])("puts U+FFFD in the place of what is not well-formed in %s", (bytes, expected) => {
    expect(decodeUtf8(hex(bytes), 0, hex(bytes).length)).toBe(expected);
  });

  it("gives no text for no bytes", () => {
    expect(decodeUtf8(hex("61"), 1, 1)).toBe("");
  });
});

describe("utf8", () => {
  it.each(REFUSED)("refuses %s", (_, value) => {
    expect(() => utf8(value as string)).toThrow(
      expect.objectContaining({ code: "ERR_ARGUMENT", fault: "caller", message: expect.stringContaining("surrogates") as string }) as Error,
    );
  });

  it("takes U+0000, which payloads may hold", () => {
    expect(utf8("\0")).toEqual(Uint8Array.of(0));
  });

  it("gives no bytes for the empty text", () => {
    expect(utf8("")).toEqual(new Uint8Array(0));
  });

  it("knows no limit, as payloads do not", () => {
    expect(utf8("é".repeat(40_000))).toEqual(encoder.encode("é".repeat(40_000)));
  });
});

describe("encodeUtf8 (1.5.3)", () => {
  it("gives the bytes of the standard's own example", () => {
    expect(toHex(encodeUtf8("A\u{2a6d4}") ?? hex(""))).toBe("41 f0 aa 9b 94");
    expect(encodeUtf8("")).toEqual(new Uint8Array(0));
  });

  it("keeps U+FEFF, wherever it stands [MQTT-1.5.3-3]", () => {
    const bytes = encodeUtf8("\ufeffa\ufeff");
    expect(toHex(bytes ?? hex(""))).toBe("ef bb bf 61 ef bb bf");
    expect(decodeUtf8(bytes ?? hex(""), 0, 7)).toBe("\ufeffa\ufeff");
  });

  it.each(REFUSED)("refuses %s", (_, value) => {
    expect(encodeUtf8(value as string)).toBeUndefined();
  });

  it("knows no limit: its callers do", () => {
    expect(encodeUtf8("é".repeat(32_768))?.length).toBe(65_536);
  });
});

describe("withLength (1.5.3)", () => {
  it.each([
    ["", "00 00"],
    ["41 f0 aa 9b 94", "00 05 41 f0 aa 9b 94"],
  ])("puts the length before '%s'", (content, expected) => {
    expect(toHex(withLength(hex(content)))).toBe(expected);
  });

  it("has room for a length of 65,535", () => {
    const bytes = withLength(new Uint8Array(65_535).fill(1));
    expect(bytes.length).toBe(65_537);
    expect([...bytes.slice(0, 3)]).toEqual([0xff, 0xff, 1]);
  });
});
