import { MqttError } from "../errors.js";
import { base64 } from "../wire/base64.js";
import { encodeUtf8 } from "../wire/utf8.js";
import { type MacOf, plainMac } from "./hmac.js";

/** The least iterations that RFC 7677 (4) allows a server. */
export const LEAST_ITERATIONS = 4_096;

const DEFAULT_LIMIT = 100_000;

/** Bytes of the default nonce before it is in base64, which makes 24 characters of them. */
const NONCE = 18;

/** Options of a `ScramSha256`. */
export interface ScramSha256Options {
  /** Who authenticates. Text as that of `password`. */
  username: string;
  /**
   * Text without control characters, not empty. Of what SASLprep (RFC 4013) makes of it, ASCII is left as it is. The rest is
   * made NFKC where the platform has `normalize`, which XS on a microcontroller has not: there, it must be NFKC already. No
   * characters are mapped to nothing, and prohibited ones, other than controls, and text of both directions are not looked for.
   */
  password: string;
  /**
   * Something new each time that nobody can foresee: printable ASCII without commas. Default 24 characters by way of
   * `Math.random`, which is the hardware's generator on ESP32, but not everywhere: give that of the device where it is not.
   */
  nonce?: () => string;
  /** As whom to act, if not as `username`. In text without control characters. Default none. */
  authorizationIdentity?: string;
  /**
   * The most iterations that the server may ask for, 4,096 or more: they keep the device busy. Default 100,000. Fewer than
   * 4,096 are always refused.
   */
  iterationLimit?: number;
  /**
   * The platform's HMAC-SHA-256, which is many times as fast. Given a key, it returns a function that makes of each message
   * a new array of 32 bytes. With Moddable's SDK, for whose `hmac` TypeScript has no declarations:
   *
   * ```js
   * import { Digest } from "crypt";
   * import HMAC from "hmac";
   *
   * hmac: (key) => {
   *   const hmac = new HMAC(new Digest("SHA256"), key);
   *   return (message) => new Uint8Array(hmac.process(message));
   * }
   * ```
   *
   * Default plain JavaScript.
   */
  hmac?: (key: Uint8Array) => (message: Uint8Array) => Uint8Array;
  /**
   * Calls back later, as `Timer.set` of the device does: a few iterations at a time are made then, and the device can do
   * other things meanwhile. Default: all of them at once.
   */
  defer?: (callback: () => void) => void;
}

/** The options with their defaults, ready to be used. */
export interface Checked {
  /** The header that each exchange begins with (RFC 5802, 7): no channel binding, and the authorization identity. */
  readonly header: string;
  /** Escaped. */
  readonly username: string;
  readonly password: Uint8Array;
  readonly nonce: () => string;
  readonly iterationLimit: number;
  readonly hmac: MacOf;
  readonly defer: ((callback: () => void) => void) | undefined;
}

/** @throws MqttError `ERR_ARGUMENT` that names what is wrong, without its value. */
export function checkOptions(options: ScramSha256Options): Checked {
  const identity = options.authorizationIdentity;
  const iterationLimit = options.iterationLimit ?? DEFAULT_LIMIT;
  if (!Number.isInteger(iterationLimit) || iterationLimit < LEAST_ITERATIONS)
    throw wrong("iterationLimit", `an integer of ${LEAST_ITERATIONS} or more`);
  return {
    header: identity === undefined ? "n,," : `n,a=${nameOf(checkText("authorizationIdentity", identity))},`,
    username: nameOf(prepare("username", options.username)),
    password: encodeUtf8(prepare("password", options.password)) as Uint8Array, // checked
    nonce: options.nonce ?? randomNonce,
    iterationLimit,
    hmac: options.hmac ?? plainMac,
    defer: options.defer,
  };
}

/** A nonce, if it may stand in a message. @throws MqttError `ERR_ARGUMENT` */
export function checkNonce(nonce: unknown): string {
  if (typeof nonce !== "string" || !/^[!-+\--~]+$/.test(nonce)) throw wrong("nonce", "printable ASCII without commas");
  return nonce;
}

function randomNonce(): string {
  return base64(Uint8Array.from({ length: NONCE }, () => Math.random() * 256));
}

/** SASLprep (RFC 4013, 2), as far as `ScramSha256Options` promises. */
function prepare(name: string, text: string): string {
  let prepared = checkText(name, text);
  try {
    prepared = prepared.normalize("NFKC");
  } catch {
    // Not built in.
  }
  return prepared;
}

/** Text that is not empty, and has no control characters (RFC 4013, 2.3) or lone surrogates. */
function checkText(name: string, text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what it looks for
  if (!encodeUtf8(text)?.length || /[\0-\x1f\x7f-\x9f]/.test(text)) throw wrong(name, "text without control characters, not empty");
  return text;
}

/** saslname (RFC 5802, 5.1). */
function nameOf(name: string): string {
  return name.replaceAll("=", "=3D").replaceAll(",", "=2C");
}

// Not the one of errors.ts: in the build this module takes from the library only what that exports.
function wrong(name: string, expected: string): MqttError {
  return new MqttError("ERR_ARGUMENT", `${name}: expected ${expected}`, "caller");
}
