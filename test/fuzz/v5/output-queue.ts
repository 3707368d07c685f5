import { concat } from "../../support/v5/packets.js";

/** A packet on its way to the client, or what is left of it. */
interface Waiting {
  bytes: Uint8Array;
  readonly whenTaken: (() => void) | undefined;
}

/** Packets for the client, which get through byte by byte; only when the last byte of one has is it known to the client. */
export class OutputQueue {
  #waiting: Waiting[] = [];

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** @param whenTaken is called when the whole packet has gone out. */
  add(bytes: Uint8Array, whenTaken?: () => void): void {
    this.#waiting.push({ bytes, whenTaken });
  }

  /** The connection is gone, and what waits with it. */
  clear(): void {
    this.#waiting = [];
  }

  /** The next bytes, at most `count`. */
  take(count: number): Uint8Array {
    const taken: Uint8Array[] = [];
    for (let left = count; left > 0 && this.#waiting.length > 0; ) {
      const [first] = this.#waiting;
      const part = first.bytes.slice(0, left);
      taken.push(part);
      left -= part.length;
      first.bytes = first.bytes.slice(part.length);
      if (first.bytes.length > 0) break;
      this.#waiting.shift();
      first.whenTaken?.();
    }
    return concat(...taken);
  }
}
