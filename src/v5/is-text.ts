import { decodeCodePoint } from "../index.js";
import { ILL_FORMED } from "../wire/utf8.js";

/** Of each byte of a word. */
const HIGHEST_BITS = 0x80808080 | 0;
const ONES = 0x01010101;

/**
 * Whether the bytes from `start` to `end` are a string of the standard: UTF-8 without U+0000 (1.5.4). Allocates nothing.
 * @param view of the same buffer as `bytes`.
 */
export function isText(bytes: Uint8Array, view: DataView, start: number, end: number): boolean {
  while (start < end) {
    // Four bytes at once, as long as each is neither 0 nor 0x80 or more: otherwise its highest bit is set, by itself or by
    // the subtraction.
    while (start + 3 < end) {
      const word = view.getInt32(start);
      if (((word - ONES) | word) & HIGHEST_BITS) break;
      start += 4;
    }
    if (start === end) return true;
    const byte = bytes[start];
    const decoded = byte > 0 && byte < 0x80 ? 1 : byte > 0 ? decodeCodePoint(bytes, start, end) : ILL_FORMED;
    if (decoded === ILL_FORMED) return false;
    start += decoded & 7;
  }
  return true;
}
