/** Tells new sequence numbers, which count from 1, from repeated ones; remembers only the gaps. */
export class Sequence {
  #highest = 0;
  readonly #missing = new Set<number>();

  /** Whether `number` comes for the first time. */
  isNew(number: number): boolean {
    if (number <= this.#highest) return this.#missing.delete(number);
    for (let skipped = this.#highest + 1; skipped < number; skipped++) this.#missing.add(skipped);
    this.#highest = number;
    return true;
  }
}
