// The device has no TextEncoder of its own, and the standard's strings forbid what TextDecoder forgives.

import { wrong } from "../errors.js";

/** Code points joined at a time: enough to be quick, few enough for a small heap and argument list. */
const DECODE_BATCH = 32;
const REPLACEMENT_CHARACTER = 0xfffd;
/** Bytes of a string's length (1.5.3). */
export const LENGTH_SIZE = 2;
/** The most bytes that a string can have. */
export const MAXIMUM_STRING = 65_535;

// A method call on a primitive string costs 2 slots in XS; calling the saved function costs none.
// eslint-disable-next-line @typescript-eslint/unbound-method -- always called with `call`
const { charCodeAt } = String.prototype;

/**
 * `text` in UTF-8. Allocates about 9 slots and its bytes, eight times as many where it is not all ASCII.
 * @returns undefined when it is no text, or holds a lone surrogate, which UTF-8 cannot express.
 */
export function encodeUtf8(text: string): Uint8Array | undefined {
  if (typeof text !== "string") return undefined;
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- one character for each byte, without code of our own
    text = unescape(encodeURIComponent(text));
  } catch {
    return undefined;
  }
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = charCodeAt.call(text, at);
  return bytes;
}

/**
 * The UTF-8 bytes of `text`, for payloads that are prepared once. Allocates about 9 slots and these bytes, eight times as
 * many where it is not all ASCII.
 * @throws MqttError `ERR_ARGUMENT` when it is no text or holds a lone surrogate.
 */
export function utf8(text: string): Uint8Array {
  const bytes = encodeUtf8(text);
  if (!bytes) throw wrong("payload", "bytes, a PayloadSource, or text without lone surrogates");
  return bytes;
}

/** A copy of a string's bytes behind their length (1.5.3). */
export function withLength(content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(LENGTH_SIZE + content.length);
  bytes[0] = content.length >> 8;
  bytes[1] = content.length;
  bytes.set(content, LENGTH_SIZE);
  return bytes;
}

/** What `decodeCodePoint` returns for bytes that are not well-formed. */
export const ILL_FORMED = 0;

/**
 * Reads the code point whose bytes begin at `at`. Allocates nothing, hence the two results in one number.
 * @returns the code point times 8 plus the number of its bytes; `ILL_FORMED` where these are truncated, overlong, a
 *   surrogate, or past U+10FFFF.
 */
export function decodeCodePoint(bytes: Uint8Array, at: number, end: number): number {
  let code = bytes[at++];
  if (code < 0x80) return code * 8 + 1;
  const size = code < 0xe0 ? 2 : code < 0xf0 ? 3 : 4;
  const last = at + size - 1;
  if (code < 0xc2 || code > 0xf4 || last > end) return ILL_FORMED;
  code &= 0x7f >> size;
  while (at < last) {
    const byte = bytes[at++];
    if (byte >> 6 !== 2) return ILL_FORMED;
    code = (code << 6) | (byte & 0x3f);
  }
  const fewerWouldDo = code >> (5 * size - 4) === 0;
  return fewerWouldDo || code >> 11 === 0x1b || code > 0x10ffff ? ILL_FORMED : code * 8 + size;
}

/** The text from `start` to `end`, with U+FFFD for what is not well-formed. Allocates it, and about 150 bytes on the way. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  const codes = new Uint32Array(Math.min(end - start, DECODE_BATCH)); // an array that grows would be copied again and again
  let count = 0;
  let text = "";
  while (start < end) {
    const decoded = decodeCodePoint(bytes, start, end) || REPLACEMENT_CHARACTER * 8 + 1;
    start += decoded & 7;
    codes[count++] = decoded >> 3;
    if (count < codes.length && start < end) continue;
    // eslint-disable-next-line prefer-spread -- `apply` takes a third of the bytecode
    text += String.fromCodePoint.apply(String, (count < codes.length ? codes.subarray(0, count) : codes) as unknown as number[]);
    count = 0;
  }
  return text;
}
