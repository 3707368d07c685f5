const CAPACITY = 8_192;

/** Bytes under way: first in, first out. */
export class ByteQueue {
  private readonly bytes = new Uint8Array(CAPACITY);
  length = 0;

  /** Adds the first `length` bytes of `source`. */
  push(source: Uint8Array, length = source.length): void {
    if (this.length + length > CAPACITY) throw new Error("more bytes are under way than the simulation has room for");
    for (let at = 0; at < length; at++) this.bytes[this.length + at] = source[at];
    this.length += length;
  }

  /** Moves bytes to `target`, from index `start` up to `end`. Returns how many there were. */
  moveTo(target: Uint8Array, start: number, end: number): number {
    const count = Math.min(end - start, this.length);
    for (let at = 0; at < count; at++) target[start + at] = this.bytes[at];
    this.drop(count);
    return count;
  }

  /** Takes the next bytes, at most `count`. */
  take(count = this.length): Uint8Array {
    const taken = this.bytes.slice(0, Math.min(count, this.length));
    this.drop(taken.length);
    return taken;
  }

  /** The next bytes, which stay: valid until the next call of another method. */
  peek(): Uint8Array {
    return this.bytes;
  }

  /** Forgets the next bytes, or all. */
  drop(count = this.length): void {
    this.bytes.copyWithin(0, count, this.length);
    this.length -= count;
  }
}
