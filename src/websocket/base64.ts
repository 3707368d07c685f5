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
