import Sim from "sim";

/** Operations before those that count. */
export const WARM_UP = 100;
/** Operations that count. */
export const OPERATIONS = 1_000;

/** Metering units of a series of operations; taking one allocates nothing. */
export class Samples {
  readonly #units = new Uint32Array(WARM_UP + OPERATIONS);
  #count = 0;

  /** Whether all operations have been measured. */
  get complete(): boolean {
    return this.#count === this.#units.length;
  }

  add(units: number): void {
    this.#units[this.#count++] = units;
  }

  /** Gives the runner the least, the most and the sum of the operations that count, after `overhead` of each was taken off. */
  report(name: string, overhead: number): void {
    const counted = this.#units.slice(WARM_UP).map((units) => units - overhead);
    let sum = 0;
    for (const units of counted) sum += units;
    Sim.report(name, Math.min(...counted), Math.max(...counted), sum);
  }
}

/** Metering units of one call of `callback`, the call included. */
export function unitsOf(callback: () => void): number {
  const start = Sim.meter();
  callback();
  return Sim.meter() - start - READING;
}
