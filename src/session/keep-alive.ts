/** What `KeepAlive.check` asks for, other than to be called again after that many milliseconds. */
export const SEND_PINGREQ = 0;
export const DEAD = -1;

const ACTIVE = 0;
/** A PINGREQ is on its way or waits for the socket. */
const PINGING = 1;
/** Not even a PINGREQ could be written, because a packet is stuck half-way. */
const STALLED = 2;

// A PINGREQ is due a tenth before Keep Alive is over, so that a late timer does not overrun it. Its answer is awaited
// for half of Keep Alive, after which the server, too, will have given up (at one and a half, 3.1.2.10).
const INTERVAL_PER_SECOND = 900;
const TIMEOUT_PER_SECOND = 500;

/** Decides when a PINGREQ is due and when the server counts as gone (MQTT 3.1.1, 3.1.2.10 and 3.12.4). */
export class KeepAlive {
  readonly #interval: number;
  readonly #timeout: number;
  #state = ACTIVE;
  /** When something was sent last; while not active, when the wait for an answer began. */
  #since = 0;

  /** @param seconds Keep Alive; 0 means that no PINGREQ is ever due. */
  constructor(seconds: number) {
    this.#interval = seconds * INTERVAL_PER_SECOND;
    this.#timeout = seconds * TIMEOUT_PER_SECOND;
  }

  /** How long after something was sent to check first; 0 for never. */
  get interval(): number {
    return this.#interval;
  }

  /** A connection begins. */
  reset(now: number): void {
    this.#state = ACTIVE;
    this.#since = now;
  }

  /** Bytes were sent, so the server has heard of us. */
  sent(now: number): void {
    if (this.#state === STALLED) this.#state = ACTIVE;
    if (this.#state === ACTIVE) this.#since = now;
  }

  /** A PINGRESP came. */
  answered(): void {
    this.#state = ACTIVE;
  }

  /** How many milliseconds until the next check, or `SEND_PINGREQ` (then call `pinging`), or `DEAD`. */
  check(now: number): number {
    const elapsed = (now - this.#since) >>> 0; // right also when the clock wrapped in between
    if (this.#state !== ACTIVE) return elapsed < this.#timeout ? this.#timeout - elapsed : DEAD;
    return elapsed < this.#interval ? this.#interval - elapsed : SEND_PINGREQ;
  }

  /**
   * A PINGREQ was due.
   * @param written whether it could be written.
   * @returns milliseconds until the next check.
   */
  pinging(written: boolean, now: number): number {
    this.#state = written ? PINGING : STALLED;
    this.#since = now;
    return this.#timeout;
  }
}
