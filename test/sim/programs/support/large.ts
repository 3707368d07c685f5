import type { PayloadSource } from "mqtt-xs";

const SIZE = 10_240;

/** 10 kB as a source. Byte `n` is `n & 0xff`, here and below. */
export class Counting implements PayloadSource {
  readonly length = SIZE;

  read(target: Uint8Array, start: number, end: number, position: number): number {
    for (let at = start; at < end; at++) target[at] = position++;
    return end - start;
  }
}

/** 10 kB as bytes. */
export function countingBytes(): Uint8Array {
  const bytes = new Uint8Array(SIZE);
  for (let at = 0; at < SIZE; at++) bytes[at] = at;
  return bytes;
}

/** What a `Message` tells of the piece at hand. */
interface Piece {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly length: number;
  readonly offset: number;
  readonly total: number;
}

/** Looks at the pieces of such messages: whether they follow each other, and at the first and the last byte of each. */
export class Pieces {
  /** How often something was not as it must be. */
  bad = 0;
  #next = 0;

  /** @returns whether the message is complete. */
  take(piece: Piece): boolean {
    const last = piece.offset + piece.length - 1;
    if (piece.offset !== this.#next) this.bad++;
    if (piece.bytes[piece.start] !== (this.#next & 0xff) || piece.bytes[piece.end - 1] !== (last & 0xff)) this.bad++;
    this.#next = last + 1;
    if (this.#next < piece.total) return false;
    this.#next = 0;
    return true;
  }
}
