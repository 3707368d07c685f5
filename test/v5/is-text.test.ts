import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isText } from "../../src/v5/is-text.js";
import { utf8 } from "../support/packets.js";

/** Whether these bytes, with others around them, are text. */
function isTextAmid(bytes: Uint8Array, before: number, behind: number): boolean {
  const all = new Uint8Array(before + bytes.length + behind); // all U+0000, which is no text
  all.set(bytes, before);
  return isText(all, new DataView(all.buffer), before, before + bytes.length);
}

/** The same by Node.js. */
function isTextByNode(bytes: Uint8Array): boolean {
  try {
    return !new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes).includes("\0");
  } catch {
    return false;
  }
}

/** Writes a code point as UTF-8 would have it, surrogates too. @returns of how many bytes it is. */
function writeCodePoint(bytes: Uint8Array, at: number, code: number): number {
  const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (let last = size - 1, rest = code; last > 0; last--, rest >>= 6) bytes[at + last] = 0x80 | (rest & 0x3f);
  bytes[at] = size === 1 ? code : ((0xf00 >> size) & 0xff) | (code >> (6 * (size - 1)));
  return size;
}

const place = fc.nat({ max: 9 });

describe("text", () => {
  it("of no bytes is text", () => {
    expect(isTextAmid(new Uint8Array(), 0, 0)).toBe(true);
    expect(isTextAmid(new Uint8Array(), 3, 3)).toBe(true);
  });

  it("may have every code point but U+0000 and the surrogates, at every place in a word", () => {
    const bytes = new Uint8Array(12);
    const view = new DataView(bytes.buffer);
    for (let code = 0; code <= 0x10ffff; code++) {
      const start = 1 + (code % 4);
      const end = start + writeCodePoint(bytes, start, code);
      const isSurrogate = code >= 0xd800 && code <= 0xdfff;
      if (isText(bytes, view, start, end) !== (code > 0 && !isSurrogate)) expect.fail(`U+${code.toString(16)}`);
      bytes.fill(0);
    }
  });

  it("with any two bytes at any place in a word is what Node.js says", () => {
    for (let first = 0; first < 256; first++)
      for (let second = 0; second < 256; second++) {
        const bytes = Uint8Array.of(0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69);
        const at = (first + second) % 8;
        bytes[at] = first;
        bytes[at + 1] = second;
        if (isTextAmid(bytes, first % 4, 2) !== isTextByNode(bytes)) expect.fail(`${first} ${second} at ${at}`);
      }
  });

  it("of any kind, cut off anywhere, is what Node.js says, and nothing around it counts", () => {
    const pieces = fc.array(fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" })), { maxLength: 4 });
    fc.assert(
      fc.property(pieces, fc.nat({ max: 60 }), place, place, (texts, length, before, behind) => {
        const bytes = utf8(texts.join("")).slice(0, length);
        expect(isTextAmid(bytes, before, behind)).toBe(isTextByNode(bytes));
      }),
      { numRuns: 2_000 },
    );
  });

  it("of random bytes is what Node.js says", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), place, place, (bytes, before, behind) => {
        expect(isTextAmid(bytes, before, behind)).toBe(isTextByNode(bytes));
      }),
      { numRuns: 5_000 },
    );
  });
});
