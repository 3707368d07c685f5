import type { Authenticator } from "../v5/authenticator.js";
import { base64 } from "../wire/base64.js";
import { encodeUtf8 } from "../wire/utf8.js";
import { type Checked, checkNonce, checkOptions, LEAST_ITERATIONS, type ScramSha256Options } from "./options.js";
import { refused } from "./refused.js";
import { clientProof, derive, type SaltedKeys, saltedKeys, serverSignature } from "./salted-keys.js";
import { parseFirst, readMessage, type ServerFirst, verifierOf } from "./server-messages.js";

/** Iterations from one `defer` to the next: not many, because each takes an ESP32 milliseconds. */
const SLICE = 16;

/** How far an exchange has come. */
interface Exchange {
  /** Our nonce, until the challenge comes. */
  readonly nonce?: string;
  /** Answers the challenge, when the keys are there. */
  answer?: (keys: SaltedKeys) => void;
  /** ServerSignature in base64, when the challenge has been answered. */
  verifier?: string;
}

/**
 * SCRAM-SHA-256 (RFC 5802, RFC 7677) for MQTT 5.0's enhanced authentication (4.12): the server does not get to see the
 * password, and has to prove that it knows it, too. Without channel binding: use TLS, which also keeps listeners from trying
 * out passwords against what they have heard.
 *
 * The 4,096 iterations or more that a server asks for take a microcontroller many seconds, unless it is given `hmac`. They are
 * made once: the keys that come of them are remembered as long as the server has the same salt and count. With `defer` they go
 * on when the connection is lost meanwhile, so that the next one has them.
 *
 * Costs about 4 kB while it is at work, and 1 kB between. Password and keys are private, and in no message.
 */
export class ScramSha256 implements Authenticator {
  /** {@inheritDoc Authenticator.method} */
  readonly method = "SCRAM-SHA-256";
  readonly #options: Checked;
  #exchange: Exchange = {};
  /** Those of the last challenge. */
  #keys: SaltedKeys | undefined;

  /** @throws MqttError `ERR_ARGUMENT` that names the option that is wrong. */
  constructor(options: ScramSha256Options) {
    this.#options = checkOptions(options);
  }

  /** {@inheritDoc Authenticator.begin} @throws MqttError `ERR_ARGUMENT` when `nonce` returns what is none. */
  begin(): Uint8Array {
    const options = this.#options;
    const nonce = checkNonce(options.nonce());
    this.#exchange = { nonce };
    return encode(`${options.header}n=${options.username},r=${nonce}`);
  }

  /**
   * {@inheritDoc Authenticator.challenge}
   * @throws MqttError `ERR_AUTHENTICATION` when the server does not keep to SCRAM, or asks for too many iterations or too few.
   */
  challenge(data: Uint8Array, answer: (data?: Uint8Array) => void): void {
    const options = this.#options;
    const ours = this.#exchange.nonce;
    const exchange: Exchange = (this.#exchange = {});
    const text = readMessage(data);
    if (ours === undefined) throw refused("a challenge where none was expected");
    const first = parseFirst(text);
    if (!first.nonce.startsWith(ours) || first.nonce === ours) throw refused("expected our nonce with the server's behind it");
    if (!(first.iterations >= LEAST_ITERATIONS && first.iterations <= options.iterationLimit))
      throw refused(`expected ${LEAST_ITERATIONS} to ${options.iterationLimit} iterations, got ${first.iterations}`);
    const final = `c=${base64(encode(options.header))},r=${first.nonce}`;
    const message = encode(`n=${options.username},r=${ours},${text},${final}`);
    exchange.answer = (keys) => {
      exchange.verifier = serverSignature(keys, message, options.hmac);
      answer(encode(`${final},p=${clientProof(keys, message, options.hmac)}`));
    };
    this.useKeys(first);
  }

  /**
   * {@inheritDoc Authenticator.finish}
   * @throws MqttError `ERR_AUTHENTICATION` when the server has not proved that it knows the password.
   */
  finish(data: Uint8Array): void {
    const verifier = this.#exchange.verifier;
    this.#exchange = {};
    // Not in constant time: a signature is good for this one exchange, in which there is no second guess.
    if (verifier === undefined || verifierOf(readMessage(data)) !== verifier)
      throw refused("the server has not proved that it knows the password");
  }

  /** Those of this salt and count: remembered, still being derived, or begun. */
  private useKeys(first: ServerFirst): void {
    const known = this.#keys;
    if (known?.salt === first.salt && known.iterations === first.iterations) {
      if (known.left === 0) this.#exchange.answer?.(known);
      return;
    }
    const options = this.#options;
    this.derive((this.#keys = saltedKeys(options.password, first, options.hmac)));
  }

  /** Has keys derived, and the challenge answered that waits for them by then. */
  private derive(keys: SaltedKeys): void {
    if (keys !== this.#keys) return; // the server has come to use another salt
    const options = this.#options;
    this.#keys = undefined; // in case that the platform's HMAC fails
    derive(keys, options.defer ? SLICE : Infinity, options.hmac);
    this.#keys = keys;
    if (keys.left > 0) options.defer?.(() => this.derive(keys));
    else this.#exchange.answer?.(keys);
  }
}

/** In UTF-8: all that messages are made of has been checked to be text. */
function encode(text: string): Uint8Array {
  return encodeUtf8(text) as Uint8Array;
}
