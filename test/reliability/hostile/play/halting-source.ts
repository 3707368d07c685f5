// Runs on XS, too: nothing of Node's.
import type { PayloadSource } from "mqtt-xs";

/** A payload of which the second half is not there before it is `released`. */
export class HaltingSource implements PayloadSource {
  readonly length: number;
  #available: number;

  constructor(length: number) {
    this.length = length;
    this.#available = length >> 1;
  }

  release(): void {
    this.#available = this.length;
  }

  read(target: Uint8Array, start: number, end: number, position: number): number {
    const last = Math.min(end, start + this.#available - position);
    for (let at = start; at < last; at++) target[at] = position++;
    return Math.max(0, last - start);
  }
}
