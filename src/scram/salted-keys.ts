import { base64 } from "../wire/base64.js";
import { encodeUtf8 } from "../wire/utf8.js";
import { derivedKey, type Derivation, iterate, plainDerivation, platformDerivation } from "./derivation.js";
import { type MacOf, plainMac } from "./hmac.js";
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

/** Makes the first iteration. @param bytes those of the salt. @throws what the platform's HMAC throws. */
export function saltedKeys(password: Uint8Array, salt: string, bytes: Uint8Array, iterations: number, macOf: MacOf): SaltedKeys {
  const derivation = macOf === plainMac ? plainDerivation(password, bytes) : platformDerivation(macOf(password), bytes);
  return { salt, iterations, left: iterations - 1, derivation, client: bytes, server: bytes };
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
export function clientProof({ client }: SaltedKeys, message: Uint8Array, macOf: MacOf): string {
  const signature = macOf(bytesOf(digest(sha256(), client)))(message);
  return base64(client.map((byte, at) => byte ^ signature[at]));
}

/** ServerSignature for AuthMessage, in base64, by keys that are there. */
export function serverSignature({ server }: SaltedKeys, message: Uint8Array, macOf: MacOf): string {
  return base64(macOf(server)(message));
}
