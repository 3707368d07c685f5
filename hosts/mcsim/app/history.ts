/** The last values of a series, in a ring that is made once. */
export class History {
  readonly #values: Float32Array;
  #next = 0;
  #length = 0;

  /** @param capacity how many values are kept. */
  constructor(capacity: number) {
    this.#values = new Float32Array(capacity);
  }

  /** How many values there can be. */
  get capacity(): number {
    return this.#values.length;
  }

  /** How many values there are. */
  get length(): number {
    return this.#length;
  }

  /** The value at `index`, from 0, the oldest. */
  at(index: number): number {
    return this.#values[(this.#next - this.#length + index + this.capacity) % this.capacity];
  }

  add(value: number): void {
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % this.capacity;
    if (this.#length < this.capacity) this.#length++;
  }

  get minimum(): number {
    let minimum = Infinity;
    for (let index = 0; index < this.#length; index++) minimum = Math.min(minimum, this.at(index));
    return minimum;
  }

  get maximum(): number {
    let maximum = -Infinity;
    for (let index = 0; index < this.#length; index++) maximum = Math.max(maximum, this.at(index));
    return maximum;
  }
}
