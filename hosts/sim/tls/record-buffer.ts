/** Bytes more than a record can hold, from which on adding throws. */
const MAXIMUM = 16_896;

/** Keeps what is to go into one record. */
export class RecordBuffer {
  readonly #bytes: Uint8Array;
  #length = 0;

  /** @param expected bytes that will come; it grows when there are more. */
  constructor(expected = 32) {
    this.#bytes = new Uint8Array(new ArrayBuffer(expected, { maxByteLength: MAXIMUM }));
  }

  get length(): number {
    return this.#length;
  }

  add(bytes: Uint8Array): void {
    const end = this.#length + bytes.length;
    if (end > this.#bytes.length) (this.#bytes.buffer as ArrayBuffer).resize(end);
    this.#bytes.set(bytes, this.#length);
    this.#length = end;
  }

  /** All that was added. */
  take(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}
