/** What the class tells of a partition, as in ECMA-419. */
interface Status {
  readonly size: number;
  readonly blockLength: number;
  readonly blocks: number;
}

/**
 * Stands in for the device's `embedded:storage/flash`, with the manners of the SDK on ESP32: views are read and written
 * whole, writing only clears bits, and whatever goes wrong is an `Error` that says little.
 */
export class Flash {
  /** Every partition opened, the latest last. */
  static opened: Flash[] = [];
  /** The names of the partitions there are. */
  static names: string[] = ["nvs", "mqtt"];
  /** Makes all that is done with a partition throw. */
  static failure: Error | undefined;

  readonly bytes: Uint8Array;
  isClosed = false;

  constructor(
    readonly mode: string,
    readonly blocks = 4,
    readonly blockLength = 4_096,
  ) {
    this.bytes = new Uint8Array(blocks * blockLength).fill(0xff);
    Flash.opened.push(this);
  }

  status(): Status {
    this.#mustWork("status");
    return { size: this.bytes.length, blockLength: this.blockLength, blocks: this.blocks };
  }

  read(view: Uint8Array, position: number): number {
    this.#mustWork("read", position + view.length);
    view.set(this.bytes.subarray(position, position + view.length));
    return view.length;
  }

  write(view: Uint8Array, position: number): void {
    this.#mustWork("write", position + view.length);
    for (let at = 0; at < view.length; at++) this.bytes[position + at] &= view[at];
  }

  eraseBlock(start: number, end = start + 1): void {
    this.#mustWork("erase", end * this.blockLength);
    this.bytes.fill(0xff, start * this.blockLength, end * this.blockLength);
  }

  close(): void {
    this.isClosed = true;
  }

  // The test's side.

  static get latest(): Flash {
    const flash = Flash.opened.at(-1);
    if (flash === undefined) throw new Error("no partition was opened");
    return flash;
  }

  static reset(): void {
    Flash.opened = [];
    Flash.failure = undefined;
  }

  #mustWork(what: string, end = 0): void {
    if (Flash.failure) throw Flash.failure;
    if (this.isClosed || this.mode !== "r+" || end > this.bytes.length) throw new Error(`${what} failed`);
  }
}

export default {
  open({ path, mode = "r+" }: { path: string; mode?: string }): Flash {
    if (!Flash.names.includes(path)) throw new Error("can't find partition");
    return new Flash(mode);
  },
  [Symbol.iterator](): Iterator<string> {
    return Flash.names.values();
  },
};
