import { MemoryFlash } from "../../../../hosts/node/memory-flash.js";

/** Flash in memory that counts what wears it. */
export class CountingFlash extends MemoryFlash {
  bytesWritten = 0;
  /** By sector. */
  readonly erasures: number[];

  constructor(sectors: number, sectorSize: number) {
    super(sectors, sectorSize);
    this.erasures = Array.from({ length: sectors }, () => 0);
  }

  override write(position: number, source: Uint8Array, length: number): void {
    this.bytesWritten += length;
    super.write(position, source, length);
  }

  override erase(sector: number): void {
    this.erasures[sector]++;
    super.erase(sector);
  }
}
