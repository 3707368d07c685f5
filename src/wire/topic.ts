import { MqttError } from "../errors.js";
import { decodeCodePoint, encodeUtf8, ILL_FORMED, MAXIMUM_STRING, withLength } from "./utf8.js";

export const SLASH = 0x2f;
export const PLUS = 0x2b;
export const HASH = 0x23;
export const DOLLAR = 0x24;

/** Of each byte of a word. */
const HIGHEST_BITS = 0x80808080 | 0;

/**
 * Whether the bytes from `start` to `end` are a topic name: not empty, valid UTF-8, no U+0000, `+` or `#` (4.7).
 * @param view of the same buffer as `bytes`.
 */
export function isTopicName(bytes: Uint8Array, view: DataView, start: number, end: number): boolean {
  if (start >= end) return false;
  while (start < end) {
    // Four bytes at once, in a fraction of the time, as long as each is past "+", as letters, digits and "/" are, and below
    // 0x80: otherwise its highest bit is set, by itself or by the subtraction.
    while (start + 3 < end) {
      const word = view.getInt32(start);
      if (((word - 0x2c2c2c2c) | word) & HIGHEST_BITS) break;
      start += 4;
    }
    if (start === end) return true;
    const byte = bytes[start];
    if (byte > PLUS && byte < 0x80) start++;
    else {
      if (byte === PLUS || byte === HASH || byte === 0) return false;
      const decoded = decodeCodePoint(bytes, start, end);
      if (decoded === ILL_FORMED) return false;
      start += decoded & 7;
    }
  }
  return true;
}

/** A view of the buffer that `bytes` fill. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer);
}

/**
 * A topic name, checked and encoded once, for publishing to it again and again without allocating.
 * Costs its UTF-8 bytes plus 2, and about 8 slots.
 */
export class Topic {
  /** As it stands in a PUBLISH: two bytes of length, then UTF-8. Not to be written to. */
  readonly bytes: Uint8Array;

  /** @throws MqttError `ERR_TOPIC` when `name` is empty, over 65,535 bytes, or has a wildcard or U+0000. */
  constructor(name: string) {
    const bytes = encodeUtf8(name);
    if (!bytes || !isTopicName(bytes, viewOf(bytes), 0, bytes.length) || bytes.length > MAXIMUM_STRING)
      throw new MqttError("ERR_TOPIC", `"${name}": expected 1 to 65535 bytes without "+", "#" or U+0000`, "caller");
    this.bytes = withLength(bytes);
  }
}
