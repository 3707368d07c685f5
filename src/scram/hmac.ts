import { BLOCK, bytesOf, compress, digest, sha256, type Sha256 } from "./sha256.js";

/** HMAC-SHA-256 of a message, 32 bytes. */
export type Mac = (message: Uint8Array) => Uint8Array;

/** HMAC-SHA-256 with a key. */
export type MacOf = (key: Uint8Array) => Mac;

/** A key for HMAC-SHA-256 (RFC 2104) that has been taken in, so that each message takes two blocks less. */
export interface HmacKey {
  readonly sha: Sha256;
  /** What SHA-256 comes to after the key's block, for the inner digest and for the outer. */
  readonly inner: Int32Array;
  readonly outer: Int32Array;
}

/** Takes in a key. */
export function hmacKey(key: Uint8Array): HmacKey {
  const sha = sha256();
  const short = key.length > BLOCK ? bytesOf(digest(sha, key)) : key;
  return { sha, inner: takeIn(sha, short, 0x36363636), outer: takeIn(sha, short, 0x5c5c5c5c) };
}

/** The words that the key's block, padded and changed, comes to. */
function takeIn(sha: Sha256, key: Uint8Array, pad: number): Int32Array {
  sha.block.fill(pad);
  for (let at = 0; at < key.length; at++) sha.block[at >> 2] ^= key[at] << (24 - 8 * (at & 3));
  const state = sha.initial.slice();
  compress(sha, state, state);
  return state;
}

/** The words that authenticate a message. */
export function sign(key: HmacKey, message: Uint8Array): Int32Array {
  const inner = digest(key.sha, message, key.inner, BLOCK);
  return digest(key.sha, bytesOf(inner), key.outer, BLOCK);
}

/** HMAC-SHA-256 in JavaScript, where the platform has none. */
export function plainMac(key: Uint8Array): Mac {
  return (message) => bytesOf(sign(hmacKey(key), message));
}
