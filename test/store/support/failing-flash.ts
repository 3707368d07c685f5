import { MemoryFlash } from "../../../hosts/node/memory-flash.js";

/** What a flash throws when the power is gone. */
export class PowerCut extends Error {
  constructor() {
    super("the power is gone");
  }
}

/** A flash in memory that loses power at a chosen step: each byte written is one, and each eighth of a sector erased. */
export class FailingFlash extends MemoryFlash {
  /** Steps so far. */
  steps = 0;
  bytesWritten = 0;
  writes = 0;
  erasures = 0;

  /** @param cutAfter steps that still happen. */
  constructor(
    sectors: number,
    sectorSize: number,
    bytes?: Uint8Array<ArrayBuffer>,
    public cutAfter = Infinity,
  ) {
    super(sectors, sectorSize, bytes);
  }

  override write(position: number, source: Uint8Array, length: number): void {
    const room = this.cutAfter - this.steps;
    this.steps += Math.min(length, room);
    if (room > 0) this.writes++;
    this.bytesWritten += Math.min(length, room);
    super.write(position, source, Math.min(length, room));
    if (length > room) throw new PowerCut();
  }

  override erase(sector: number): void {
    const step = this.sectorSize / 8;
    if (this.cutAfter > this.steps) this.erasures++;
    for (let at = 0; at < this.sectorSize; at += step) {
      if (this.steps >= this.cutAfter) throw new PowerCut();
      this.steps++;
      const start = sector * this.sectorSize + at;
      this.bytes.fill(0xff, start, start + step);
    }
  }

  /** The same memory with power again. */
  again(cutAfter = Infinity): FailingFlash {
    return new FailingFlash(this.sectors, this.sectorSize, this.bytes.slice(), cutAfter);
  }
}
