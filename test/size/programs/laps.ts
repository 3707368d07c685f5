import Sim from "sim";

/** Operations before those that count. */
export const WARM_UP = 100;
/** Operations that count. */
export const OPERATIONS = 1_000;

/** Metering units from mark to mark, in a series of operations. Marking allocates nothing. */
export class Laps {
  readonly #units = new Uint32Array(WARM_UP + OPERATIONS + 1);
  #count = 0;
  #last = 0;

  /** Whether all operations have been measured. */
  get complete(): boolean {
    return this.#count >= WARM_UP + OPERATIONS;
  }

  /** @param step 1 when an operation lies between the last mark and this one, 0 when that was something else. */
  mark(step: 0 | 1): void {
    const now = Sim.meter();
    this.#units[this.#count] = now - this.#last;
    this.#last = now;
    this.#count += step;
  }

  /**
   * Tells the runner the least and the most units of the operations that count, and their sum.
   * @param overhead units of each that are no part of the operation, but of its measuring.
   */
  report(name: string, overhead: number): void {
    let [least, most, sum] = [Infinity, -Infinity, 0];
    for (let at = WARM_UP; at < WARM_UP + OPERATIONS; at++) {
      const units = this.#units[at] - overhead;
      least = Math.min(least, units);
      most = Math.max(most, units);
      sum += units;
    }
    Sim.report(name, least, most, sum);
  }
}

/** By how many units a callback exceeds one that does nothing. */
export function unitsOf(callback: () => void): number {
  return unitsOfCall(callback) - unitsOfCall(() => {});
}

function unitsOfCall(callback: () => void): number {
  const start = Sim.meter();
  callback();
  return Sim.meter() - start;
}
