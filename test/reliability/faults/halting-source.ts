import type { PayloadSource } from "mqtt-xs";

/** Bytes that come in pieces, now and then not at once. */
export class HaltingSource implements PayloadSource {
  readonly #bytes: Uint8Array;
  readonly #resume: () => void;
  #reads = 0;

  /** @param resume is called some time after a read that found nothing ready. */
  constructor(bytes: Uint8Array, resume: () => void) {
    this.#bytes = bytes;
    this.#resume = resume;
  }

  get length(): number {
    return this.#bytes.length;
  }

  read(target: Uint8Array, start: number, end: number, position: number): number {
    if (++this.#reads % 3 === 0) {
      setImmediate(this.#resume);
      return 0;
    }
    const piece = this.#bytes.subarray(position, position + Math.min(end - start, 100));
    target.set(piece, start);
    return piece.length;
  }
}
