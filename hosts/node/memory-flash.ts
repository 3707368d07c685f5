import type { Flash } from "../../src/store/flash.js";

/**
 * Flash in memory, for tests: it lasts as long as `bytes` do. Like flash it can only clear bits; a write that would have to
 * set one throws.
 */
export class MemoryFlash implements Flash {
  /** All that is stored: to look at, to damage, or to go on with in another one. */
  readonly bytes: Uint8Array<ArrayBuffer>;

  /** @param bytes what an earlier one held; default: erased. */
  constructor(
    readonly sectors = 4,
    readonly sectorSize = 4_096,
    bytes: Uint8Array<ArrayBuffer> = new Uint8Array(sectors * sectorSize).fill(0xff),
  ) {
    this.bytes = bytes;
  }

  read(position: number, target: Uint8Array, length: number): void {
    for (let at = 0; at < length; at++) target[at] = this.bytes[position + at];
  }

  write(position: number, source: Uint8Array, length: number): void {
    for (let at = 0; at < length; at++) {
      if (source[at] & ~this.bytes[position + at]) throw new Error(`the byte at ${position + at} is not erased`);
      this.bytes[position + at] = source[at];
    }
  }

  erase(sector: number): void {
    this.bytes.fill(0xff, sector * this.sectorSize, (sector + 1) * this.sectorSize);
  }
}
