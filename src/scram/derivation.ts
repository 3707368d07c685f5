import { hmacKey, type Mac, sign } from "./hmac.js";
import { bytesOf, compress } from "./sha256.js";

/** PBKDF2 with HMAC-SHA-256 (RFC 8018, 5.2) for 32 bytes: codes, each that of the one before, whose sum is the key. */
export interface Derivation {
  /** The sum so far, in bytes or in words; that of the first code to begin with. */
  readonly sum: Uint8Array | Int32Array;
  /** Makes the next code, as `sum` has them. The caller adds it. */
  readonly next: () => Uint8Array | Int32Array;
}

/** In JavaScript: two blocks of SHA-256 for a code, which allocates nothing. Takes about 2 kB. */
export function plainDerivation(password: Uint8Array, salt: Uint8Array): Derivation {
  const key = hmacKey(password);
  const sha = key.sha;
  const block = sha.block;
  const sum = sign(key, firstMessage(salt));
  // Both digests are of 32 bytes behind the key's block, so that they have the padding in common.
  block.fill(0);
  block.set(sum);
  block[8] = 1 << 31;
  block[15] = 8 * 96;
  const next = (): Int32Array => {
    compress(sha, key.inner, block);
    compress(sha, key.outer, block);
    return block;
  };
  return { sum, next };
}

/** With the platform's HMAC, whose key is the password. */
export function platformDerivation(mac: Mac, salt: Uint8Array): Derivation {
  let last = mac(firstMessage(salt));
  return { sum: last.slice(), next: () => (last = mac(last)) };
}

/** Makes so many more codes. Allocates nothing, unless the platform's HMAC does. */
export function iterate(derivation: Derivation, count: number): void {
  const sum = derivation.sum;
  for (; count > 0; count--) {
    const code = derivation.next();
    for (let at = 0; at < sum.length; at++) sum[at] ^= code[at];
  }
}

/** The key, after as many codes as the count of iterations. */
export function derivedKey({ sum }: Derivation): Uint8Array {
  return sum instanceof Uint8Array ? sum : bytesOf(sum);
}

/** The salt, and behind it the number of the only block. */
function firstMessage(salt: Uint8Array): Uint8Array {
  const message = new Uint8Array(salt.length + 4);
  message.set(salt);
  message[salt.length + 3] = 1;
  return message;
}
