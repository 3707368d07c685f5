// The device has no TextEncoder of its own, and the standard's strings forbid what TextDecoder forgives.

const MAXIMUM_STRING = 65_535;

/** Characters joined at a time: enough to be quick, few enough for a small heap and argument list. */
const DECODE_BATCH = 32;

// A method call on a primitive string costs 2 slots in XS; calling the saved function costs none.
// eslint-disable-next-line @typescript-eslint/unbound-method -- always called with `call`
const { charCodeAt } = String.prototype;

/** The UTF-8 bytes of `text`, or undefined where it holds a lone surrogate, which UTF-8 cannot express. Allocates them. */
export function encodeUtf8(text: string): Uint8Array | undefined {
  const size = writeUtf8(text, undefined);
  if (size < 0) return undefined;
  const bytes = new Uint8Array(size);
  writeUtf8(text, bytes);
  return bytes;
}

/** Writes `text` where bytes are given, and counts its bytes; -1 for a lone surrogate. Allocates nothing. */
function writeUtf8(text: string, bytes: Uint8Array | undefined): number {
  let at = 0;
  for (let index = 0; ; index++) {
    let code = charCodeAt.call(text, index);
    if (code !== code) return at; // NaN: the end
    if (code >= 0xd800 && code <= 0xdfff) {
      const low = charCodeAt.call(text, ++index);
      if (code > 0xdbff || !(low >= 0xdc00 && low <= 0xdfff)) return -1;
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes) writeSequence(bytes, at, size, code);
    at += size;
  }
}

const LEAD = [0, 0, 0xc0, 0xe0, 0xf0];

function writeSequence(bytes: Uint8Array, at: number, size: number, code: number): void {
  for (let more = size - 1; more > 0; more--) {
    bytes[at + more] = 0x80 | (code & 0x3f);
    code >>= 6;
  }
  bytes[at] = LEAD[size] | code;
}

/** An MQTT UTF-8 encoded string (1.5.3): two bytes of length, then `text`. */
export function encodeString(text: string): Uint8Array | undefined {
  const content = encodeUtf8(text);
  return content && !content.includes(0) ? prefixLength(content) : undefined;
}

/** `content` behind its length in two bytes; undefined when longer than 65,535 bytes. */
export function prefixLength(content: Uint8Array): Uint8Array | undefined {
  if (content.length > MAXIMUM_STRING) return undefined;
  const bytes = new Uint8Array(content.length + 2);
  bytes[0] = content.length >> 8;
  bytes[1] = content.length;
  bytes.set(content, 2);
  return bytes;
}

/** The text of valid UTF-8 from `start` to `end`; U+FEFF stays (1.5.3). Allocates it, and a little on the way. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  const codes: number[] = [];
  let text = "";
  while (start < end) {
    const lead = bytes[start++];
    let more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    let code = more === 0 ? lead : lead & (0x3f >> more);
    while (more-- > 0) code = (code << 6) | (bytes[start++] & 0x3f);
    if (codes.push(code) === DECODE_BATCH || start >= end) {
      text += String.fromCodePoint(...codes);
      codes.length = 0;
    }
  }
  return text;
}

/**
 * Where the multi-byte sequence that starts at `at` ends, or 0 where it is not well-formed: truncated, overlong, a
 * surrogate, or past U+10FFFF (Unicode, table 3-7).
 */
export function endOfSequence(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at++];
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const last = at + (lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3);
  if (last > end) return 0;
  const second = bytes[at];
  if (lead === 0xe0 ? second < 0xa0 : lead === 0xf0 && second < 0x90) return 0;
  if (lead === 0xed ? second > 0x9f : lead === 0xf4 && second > 0x8f) return 0;
  while (at < last) if ((bytes[at++] & 0xc0) !== 0x80) return 0;
  return last;
}
