const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Bytes in base64 (RFC 4648), padded. */
export function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const group = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2]; // past the end: undefined, as 0
    for (let digit = 0; digit < 4; digit++) text += at + digit > bytes.length ? "=" : ALPHABET[(group >> (18 - 6 * digit)) & 63];
  }
  return text;
}

/** The bytes that `text` is the base64 of, to the letter: padded, with unused bits of 0. @returns undefined when it is of none. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const digits = text.replace(/=+$/, "");
  const bytes = new Uint8Array((3 * digits.length) >> 2);
  let group = 0;
  let size = 0;
  for (let at = 0; at < digits.length; at++) {
    const rest = at & 3;
    group = (group << 6) | ALPHABET.indexOf(digits[at]);
    if (rest > 0) bytes[size++] = group >> (6 - 2 * rest);
  }
  return base64(bytes) === text ? bytes : undefined;
}
