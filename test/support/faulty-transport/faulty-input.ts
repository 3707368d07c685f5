import type { Transport } from "../../../src/client/transport.js";
import { ByteQueue } from "./byte-queue.js";
import type { Fault, Piece } from "./connection-faults.js";

/** From this many milliseconds on a delay is called a stall. */
const STALL = 20;
/** Bytes taken from the real transport at once. */
const CHUNK = 16_384;

/** What the received side of a connection needs of the connection. */
export interface InputParts {
  /** Bytes after which nothing comes in any more. */
  readonly limit: number;
  readonly nextPiece: () => Piece;
  readonly later: (milliseconds: number, action: () => void) => void;
  readonly onFault: (fault: Fault) => void;
  /** There are more bytes to read. */
  readonly onOffered: () => void;
  /** All bytes up to the limit have been offered. */
  readonly onLimit: () => void;
}

/** Received bytes, which the owner is offered in pieces of another size, at another time, than they came in. */
export class FaultyInput {
  readonly #parts: InputParts;
  readonly #queue = new ByteQueue();
  readonly #chunk = new Uint8Array(new ArrayBuffer(CHUNK, { maxByteLength: CHUNK }));
  /** How many bytes of the queue the owner may read. */
  #offered = 0;
  #received = 0;
  #isWaiting = false;
  #isOver = false;

  constructor(parts: InputParts) {
    this.#parts = parts;
  }

  /** Whether all that came in has been read. */
  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  /** Takes everything that has come in at the real transport. */
  takeFrom(inner: Transport): void {
    for (let count = CHUNK; count === CHUNK; ) {
      count = inner.read(this.#chunk, 0, CHUNK);
      const room = Math.max(0, this.#parts.limit - this.#received);
      this.#received += count;
      if (!this.#isOver) this.#queue.push(this.#chunk.slice(0, Math.min(count, room)));
    }
    this.#offer();
  }

  read(target: Uint8Array, start: number, end: number): number {
    const count = Math.min(this.#offered, end - start);
    this.#queue.take(target, start, count);
    this.#offered -= count;
    return count;
  }

  /** What has not been offered yet, and all that comes from now on, is lost. */
  end(): void {
    this.#isOver = true;
    this.#queue.cut(this.#offered);
  }

  #offer(): void {
    while (!this.#isWaiting && !this.#isOver && this.#queue.length > this.#offered) {
      const piece = this.#parts.nextPiece();
      if (piece.delay > 0) this.#wait(piece);
      else this.#offerPiece(piece);
    }
    if (!this.#isWaiting && !this.#isOver && this.#received >= this.#parts.limit) this.#parts.onLimit();
  }

  #wait(piece: Piece): void {
    const before = this.#queue.length;
    this.#isWaiting = true;
    this.#parts.onFault(piece.delay < STALL ? "delay" : "stall");
    this.#parts.later(piece.delay, () => {
      this.#isWaiting = false;
      if (this.#queue.length > before && piece.size > before) this.#parts.onFault("merge");
      this.#offerPiece(piece);
      this.#offer();
    });
  }

  #offerPiece({ size }: Piece): void {
    const waiting = this.#queue.length - this.#offered;
    if (size < waiting) this.#parts.onFault("split");
    this.#offered += Math.min(size, waiting);
    this.#parts.onOffered();
  }
}
