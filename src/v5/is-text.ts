import { decodeCodePoint, ILL_FORMED } from "../wire/utf8.js";

/** Whether the bytes from `start` to `end` are a string of the standard: UTF-8 without U+0000 (1.5.4). Allocates nothing. */
export function isText(bytes: Uint8Array, start: number, end: number): boolean {
  while (start < end) {
    const decoded = decodeCodePoint(bytes, start, end);
    if (decoded === ILL_FORMED || decoded === 1) return false; // 1 is U+0000, of one byte
    start += decoded & 7;
  }
  return true;
}
