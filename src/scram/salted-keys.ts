import { base64 } from "../wire/base64.js";
import { encodeUtf8 } from "../wire/utf8.js";
import { derivedKey, type Derivation, iterate, plainDerivation, platformDerivation } from "./derivation.js";
import { type MacOf, plainMac } from "./hmac.js";
import type { ServerFirst } from "./server-messages.js";
import { bytesOf, digest, sha256 } from "./sha256.js";

/** What a password comes to with one salt and count of iterations (RFC 5802, 3). */
export interface SaltedKeys {
  /** The salt, in base64. */
  readonly salt: string;
  readonly iterations: number;
  /** How many iterations are left. When there are none, the keys are there. */
  left: number;
  /** Makes SaltedPassword, in about 2 kB, as long as there are iterations left. */
  derivation: Derivation | undefined;
  /** ClientKey, when there are no iterations left. */
  client: Uint8Array;
  /** ServerKey, likewise. */
  server: Uint8Array;
}

/** Makes the first iteration. @throws what the platform's HMAC throws. */
export function saltedKeys(password: Uint8Array, first: ServerFirst, macOf: MacOf): SaltedKeys {
  const bytes = first.bytes;
  const derivation = macOf === plainMac ? plainDerivation(password, bytes) : platformDerivation(macOf(password), bytes);
  return { salt: first.salt, iterations: first.iterations, left: first.iterations - 1, derivation, client: bytes, server: bytes };
}

/** Makes up to `count` iterations more. @throws what the platform's HMAC throws. */
export function derive(keys: SaltedKeys, count: number, macOf: MacOf): void {
  const derivation = keys.derivation;
  if (!derivation) return;
  count = Math.min(count, keys.left);
  iterate(derivation, count);
  keys.left -= count;
  if (keys.left > 0) return;
  const mac = macOf(derivedKey(derivation));
  keys.client = mac(encodeUtf8("Client Key") as Uint8Array); // all of it is ASCII
  keys.server = mac(encodeUtf8("Server Key") as Uint8Array);
  keys.derivation = undefined;
}

/** ClientProof for AuthMessage, in base64, by keys that are there. */
export function clientProof(keys: SaltedKeys, message: Uint8Array, macOf: MacOf): string {
  const proof = macOf(bytesOf(digest(sha256(), keys.client)))(message);
  for (let at = 0; at < proof.length; at++) proof[at] ^= keys.client[at];
  return base64(proof);
}

/** ServerSignature for AuthMessage, in base64, by keys that are there. */
export function serverSignature(keys: SaltedKeys, message: Uint8Array, macOf: MacOf): string {
  return base64(macOf(keys.server)(message));
}
