import { resizableBytes } from "../session/resizable-bytes.js";
import { viewOf } from "../index.js";
import { crcOfInteger } from "./crc32.js";
import type { Flash } from "./flash.js";

// A sector in use begins with its header, twice, so that no single damaged byte takes all its records away:
//
//   0   4  "MQXS"
//   4   4  format
//   8   4  sequence: counts the sectors taken into use
//  12   4  checksum

const MAGIC = 0x4d515853;
const FORMAT = 1;
const COPY_SIZE = 16;
const FORMAT_AT = 4;
const SEQUENCE_AT = 8;
const CHECKSUM_AT = 12;

/** Bytes before a sector's first record. */
export const SECTOR_HEADER = 2 * COPY_SIZE;

/** Which sectors are in use, and since when. A sector without a header that is right is free, whatever it holds. */
export class Sectors {
  /** Counts the sectors taken into use: that of each sector, 0 where it is free. */
  readonly sequences: Uint32Array;
  /** Whether one of those found free is of another format. */
  hasOtherFormat = false;
  private readonly header = resizableBytes(SECTOR_HEADER);
  private readonly view = viewOf(this.header);

  constructor(private readonly flash: Flash) {
    this.sequences = new Uint32Array(flash.sectors);
    for (let sector = 0; sector < flash.sectors; sector++) this.sequences[sector] = this.readSequence(sector);
  }

  /** A free sector, the next one after `sector`; -1 when there is none. */
  freeAfter(sector: number): number {
    const count = this.sequences.length;
    for (let step = 1; step <= count; step++) {
      const next = (sector + step) % count;
      if (this.sequences[next] === 0) return next;
    }
    return -1;
  }

  /** The sector in use that comes next after this sequence: the oldest of all after 0. -1 when there is none. */
  nextAfter(sequence: number): number {
    const sequences = this.sequences;
    let next = -1;
    for (let sector = 0; sector < sequences.length; sector++)
      if (sequences[sector] > sequence && (next < 0 || sequences[sector] < sequences[next])) next = sector;
    return next;
  }

  /** The sector taken into use last; -1 when there is none. */
  get newest(): number {
    let newest = -1;
    for (let next = this.nextAfter(0); next >= 0; next = this.nextAfter(this.sequences[next])) newest = next;
    return newest;
  }

  /** Erases a free sector and takes it into use. */
  take(sector: number, sequence: number): void {
    this.flash.erase(sector);
    for (let at = 0; at < SECTOR_HEADER; at += COPY_SIZE) {
      this.view.setUint32(at, MAGIC);
      this.view.setUint32(at + FORMAT_AT, FORMAT);
      this.view.setUint32(at + SEQUENCE_AT, sequence);
      this.view.setInt32(at + CHECKSUM_AT, checksum(FORMAT, sequence));
    }
    this.flash.write(sector * this.flash.sectorSize, this.header, SECTOR_HEADER);
    this.sequences[sector] = sequence;
  }

  /** Makes a sector free. Nothing of it is in force any more from the moment when both its headers are wrong. */
  release(sector: number): void {
    this.header.fill(0);
    this.flash.write(sector * this.flash.sectorSize, this.header, SECTOR_HEADER);
    this.sequences[sector] = 0;
  }

  private readSequence(sector: number): number {
    const view = this.view;
    this.flash.read(sector * this.flash.sectorSize, this.header, SECTOR_HEADER);
    for (let at = 0; at < SECTOR_HEADER; at += COPY_SIZE) {
      const sequence = view.getUint32(at + SEQUENCE_AT);
      const format = view.getUint32(at + FORMAT_AT);
      if (view.getUint32(at) !== MAGIC || view.getInt32(at + CHECKSUM_AT) !== checksum(format, sequence)) continue;
      if (format === FORMAT) return sequence;
      this.hasOtherFormat = true;
    }
    return 0;
  }
}

function checksum(format: number, sequence: number): number {
  return crcOfInteger(crcOfInteger(~MAGIC, format), sequence);
}
