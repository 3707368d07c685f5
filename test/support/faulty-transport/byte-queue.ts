/** Bytes that wait, in order. */
export class ByteQueue {
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  /** How many there are. */
  get length(): number {
    return this.#length;
  }

  /** Puts bytes at the end; they must not change any more. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#pieces.push(bytes);
    this.#length += bytes.length;
  }

  /** Moves the first `count` bytes, of those that there are, into `target` from index `start` on. */
  take(target: Uint8Array, start: number, count: number): void {
    this.#length -= count;
    for (let left = count; left > 0; ) {
      const piece = this.#pieces[0];
      const taken = piece.subarray(0, left);
      target.set(taken, start + count - left);
      left -= taken.length;
      if (taken.length === piece.length) this.#pieces.shift();
      else this.#pieces[0] = piece.subarray(taken.length);
    }
  }

  /** Forgets all but the first `count` bytes. */
  cut(count: number): void {
    while (this.#length > count) {
      const last = this.#pieces.pop() ?? new Uint8Array(0);
      this.#length -= last.length;
      if (this.#length < count) this.push(last.subarray(0, count - this.#length));
    }
  }
}
