// The device has no TextEncoder of its own, and the standard's strings forbid what TextDecoder forgives.

import { wrong } from "../errors.js";

/** Code points joined at a time: enough to be quick, few enough for a small heap and argument list. */
const DECODE_BATCH = 32;
/** Bytes of a string's length (1.5.3). */
export const LENGTH_SIZE = 2;
/** The most bytes that a string can have, its length included. */
export const MAXIMUM_STRING_SIZE = LENGTH_SIZE + 65_535;

// A method call on a primitive string costs 2 slots in XS; calling the saved function costs none.
// eslint-disable-next-line @typescript-eslint/unbound-method -- always called with `call`
const { codePointAt } = String.prototype;

/** How many bytes a code point takes; 5 past U+10FFFF, which none may. */
function sizeOf(code: number): number {
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : code < 0x110000 ? 4 : 5;
}

/** Surrogates are halves of UTF-16's pairs, not characters. */
function isSurrogate(code: number): boolean {
  return code >> 11 === 0x1b;
}

/**
 * `text` in UTF-8 behind its length in two bytes, which is void past 65,535. Allocates it, and up to three times as
 * much on the way.
 * @returns undefined when it is no text, or holds a lone surrogate, which UTF-8 cannot express.
 */
export function encodeUtf8(text: string): Uint8Array | undefined {
  if (typeof text !== "string") return undefined;
  const bytes = new Uint8Array(LENGTH_SIZE + 3 * text.length);
  let end = LENGTH_SIZE;
  for (let index = 0; index < text.length; index++) {
    let code = codePointAt.call(text, index) as number;
    const size = sizeOf(code);
    if (size === 4) index++;
    if (isSurrogate(code)) return undefined;
    for (let at = end + size - 1; at > end; at--) {
      bytes[at] = 0x80 | (code & 0x3f);
      code >>= 6;
    }
    bytes[end] = size === 1 ? code : (0xf00 >> size) | code;
    end += size;
  }
  bytes[0] = (end - LENGTH_SIZE) >> 8;
  bytes[1] = end - LENGTH_SIZE;
  return bytes.slice(0, end);
}

/**
 * The UTF-8 bytes of `text`, for payloads that are prepared once. Allocates them, and three times as much on the way.
 * @throws MqttError `ERR_ARGUMENT` when it is no text or holds a lone surrogate.
 */
export function utf8(text: string): Uint8Array {
  const bytes = encodeUtf8(text);
  if (!bytes) throw wrong("payload", "bytes, a PayloadSource, or text without lone surrogates");
  return bytes.slice(LENGTH_SIZE);
}

/**
 * The code point whose bytes begin at `at`, or -1 where they are not well-formed: truncated, overlong, a surrogate, or
 * past U+10FFFF. Allocates nothing.
 */
export function decodeCodePoint(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at++];
  if (lead < 0x80) return lead;
  const size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (lead < 0xc0 || lead > 0xf7 || at + size - 1 > end) return -1;
  let code = lead & (0x7f >> size);
  for (let more = size - 1; more > 0; more--) {
    const byte = bytes[at++];
    if (byte >> 6 !== 2) return -1;
    code = (code << 6) | (byte & 0x3f);
  }
  return sizeOf(code) === size && !isSurrogate(code) ? code : -1;
}

/** Where the code point at `at` ends, or 0 where it is not well-formed. Allocates nothing. */
export function endOfCodePoint(bytes: Uint8Array, at: number, end: number): number {
  const code = decodeCodePoint(bytes, at, end);
  return code < 0 ? 0 : at + sizeOf(code);
}

/** The text of valid UTF-8 from `start` to `end`; U+FEFF stays (1.5.3). Allocates it, and a little on the way. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  const codes: number[] = [];
  let text = "";
  while (start < end) {
    const code = decodeCodePoint(bytes, start, end);
    start += code < 0 ? 1 : sizeOf(code);
    if (codes.push(code < 0 ? 0xfffd : code) === DECODE_BATCH || start >= end)
      // eslint-disable-next-line prefer-spread -- `apply` takes a third of the bytecode
      text += String.fromCodePoint.apply(String, codes.splice(0));
  }
  return text;
}
