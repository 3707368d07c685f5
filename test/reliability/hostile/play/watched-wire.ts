import { refuel, work } from "../coverage/counters.js";
import { must } from "./violation.js";
import { Wire } from "./wire.js";

/**
 * What each byte that comes in may cost, in blocks of the library: a topic may leave room for one byte of payload only, so
 * that each is handed over by itself.
 */
const WORK_PER_BYTE = 100;

/** Where what comes in and what is sent is kept, of one wire after the other. */
const incoming = new Uint8Array(4_096);
const outgoing = new Uint8Array(65_536);

/** A wire that keeps what was sent, and stops a client that does too much for what has come in. */
export class WatchedWire extends Wire {
  /** The most blocks that one call has taken so far. */
  mostWork = 0;
  /** Gets all that was sent over a connection, when that ends. */
  onEnd: (sent: Uint8Array) => void = () => undefined;
  #sent = outgoing;
  #length = 0;

  /** @param workPerCall blocks of the library that one call of `onReadable` may cost, besides what it may for each byte. */
  constructor(private readonly workPerCall: number) {
    super(incoming);
  }

  /** What was sent over this connection. */
  get all(): Uint8Array {
    return this.#sent.slice(0, this.#length);
  }

  protected override arrive(): void {
    const before = work();
    refuel(this.workPerCall + WORK_PER_BYTE * this.unread);
    try {
      super.arrive();
    } finally {
      refuel(Infinity);
    }
    this.mostWork = Math.max(this.mostWork, work() - before);
  }

  protected sent(source: Uint8Array, length: number): void {
    const end = this.#length + length;
    must(end <= this.#sent.length, () => "the client does not stop sending");
    this.#sent.set(source.subarray(0, length), this.#length);
    this.#length = end;
  }

  protected ended(): void {
    const { all } = this;
    this.#length = 0;
    this.onEnd(all);
  }
}
