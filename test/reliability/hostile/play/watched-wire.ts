import { refuel, work } from "../coverage/counters.js";
import { must } from "./violation.js";
import { Wire } from "./wire.js";

/** What one call of `onReadable` may cost, in blocks of the library, and each byte that came in besides. */
export const WORK_PER_CALL = 6_000; // most of it the SHA-1 of a WebSocket
export const WORK_PER_BYTE = 40;

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

  constructor() {
    super(incoming);
  }

  /** What was sent over this connection. */
  get all(): Uint8Array {
    return this.#sent.slice(0, this.#length);
  }

  protected override arrive(): void {
    const before = work();
    refuel(WORK_PER_CALL + WORK_PER_BYTE * this.unread);
    super.arrive();
    refuel(Infinity);
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
