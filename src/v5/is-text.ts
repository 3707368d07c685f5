import { decodeCodePoint } from "../index.js";
import { ILL_FORMED } from "../wire/utf8.js";

/** Whether the bytes from `start` to `end` are a string of the standard: UTF-8 without U+0000 (1.5.4). Allocates nothing. */
export function isText(bytes: Uint8Array, start: number, end: number): boolean {
  while (start < end) {
    const byte = bytes[start];
    const decoded = byte > 0 && byte < 0x80 ? 1 : byte > 0 ? decodeCodePoint(bytes, start, end) : ILL_FORMED;
    if (decoded === ILL_FORMED) return false;
    start += decoded & 7;
  }
  return true;
}
