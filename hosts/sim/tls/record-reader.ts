import type { TcpSocket } from "./tcp.js";

/** Bytes before what a record holds. */
export const HEADER = 5;
/** A longer record throws, since its buffer cannot grow beyond. */
const MAXIMUM = 32_768;

/** How much the record at `start` holds. */
export function lengthOf(bytes: Uint8Array, start: number): number {
  return (bytes[start + 3] << 8) | bytes[start + 4];
}

/** Gathers the server's records from TCP, as they come. */
export class RecordReader {
  #record: Uint8Array | undefined;
  #length = 0;

  /** The next record with its header; `undefined` when it is not there wholly. */
  next(socket: TcpSocket): Uint8Array | undefined {
    this.#record ??= new Uint8Array(new ArrayBuffer(HEADER, { maxByteLength: MAXIMUM }));
    const record = this.#record;
    if (this.#length < HEADER) {
      if (!this.#fill(record, HEADER, socket)) return undefined;
      (record.buffer as ArrayBuffer).resize(HEADER + lengthOf(record, 0));
    }
    if (!this.#fill(record, record.length, socket)) return undefined;
    this.#record = undefined;
    this.#length = 0;
    return record;
  }

  /** Reads up to `end`. @returns whether it got there. */
  #fill(record: Uint8Array, end: number, socket: TcpSocket): boolean {
    const count = Math.min(end - this.#length, socket.readable);
    if (count > 0) {
      socket.read(record.subarray(this.#length, this.#length + count));
      socket.readable -= count;
      this.#length += count;
    }
    return this.#length === end;
  }
}
