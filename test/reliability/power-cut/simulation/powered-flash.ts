import { MemoryFlash } from "../../../../hosts/node/memory-flash.js";
import { type Power, PowerCut } from "./power.js";

/** Bits that are still as they were in a byte at which the power went; the others where these would not matter. */
const TORN_BITS = 0x5a;
/** Steps in which a sector is erased. */
const ERASE_STEPS = 8;

/**
 * Flash in memory that keeps what it held when the power goes: each byte written is a step, and each eighth of a sector erased.
 * Bytes of 0xff at the end are none, since writing them changes nothing: without them all has been done.
 */
export class PoweredFlash extends MemoryFlash {
  /** Sectors erased, or begun to be. */
  erasures = 0;

  constructor(
    private readonly power: Power,
    sectors: number,
    sectorSize: number,
  ) {
    super(sectors, sectorSize);
  }

  override write(position: number, source: Uint8Array, length: number): void {
    const wasOn = this.power.isOn;
    const steps = withoutBlanks(source, length);
    const written = this.power.take("store bytes", steps);
    super.write(position, source, written);
    if (wasOn && written < steps && this.power.ending.torn) this.bytes[position + written] &= torn(source[written]);
    if (written < steps || !wasOn) throw new PowerCut();
  }

  override erase(sector: number): void {
    const wasOn = this.power.isOn;
    const erased = this.power.take("erasing", ERASE_STEPS);
    const start = sector * this.sectorSize;
    const size = this.sectorSize / ERASE_STEPS;
    if (wasOn) this.erasures++;
    this.bytes.fill(0xff, start, start + erased * size);
    if (erased === ERASE_STEPS) return;
    if (wasOn && this.power.ending.torn) this.tear(start + erased * size, size);
    throw new PowerCut();
  }

  private tear(start: number, size: number): void {
    for (let at = start; at < start + size; at++) this.bytes[at] |= TORN_BITS;
  }
}

/** How many bytes there are up to the last that is not 0xff. */
export function withoutBlanks(source: Uint8Array, length: number): number {
  while (length > 0 && source[length - 1] === 0xff) length--;
  return length;
}

/** A byte that is not whole. */
function torn(byte: number): number {
  return (byte & TORN_BITS) === TORN_BITS ? byte | ~TORN_BITS : byte | TORN_BITS;
}
