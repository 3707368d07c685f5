/**
 * Memory that keeps what is written when the power goes: NOR flash, as microcontrollers have it, or what behaves alike. It
 * is divided into sectors; erasing one sets all its bits, and writing can only clear bits.
 *
 * Whatever is cut off half-way leaves bytes undefined that were being written or erased, and no others. When a method
 * returns, what it did is there to stay. Each may throw when the memory fails; none may allocate, where the platform allows
 * that. The positions that `Journal` writes to are multiples of 4, and all its views are of resizable `ArrayBuffer`s that
 * they follow, from the first byte: an implementation may shrink the buffer to `length` and grow it back.
 */
export interface Flash {
  /** Bytes that are erased together, 256 or more, a multiple of 4. */
  readonly sectorSize: number;
  /** How many sectors there are, 2 or more. */
  readonly sectors: number;
  /** Reads `length` bytes from `position` on to the front of `target`; bytes of `target` behind them are void. */
  read(position: number, target: Uint8Array, length: number): void;
  /** Writes the first `length` bytes of `source` from `position` on; never across the end of a sector. */
  write(position: number, source: Uint8Array, length: number): void;
  /** Sets all bytes of a sector to 0xff. */
  erase(sector: number): void;
}
