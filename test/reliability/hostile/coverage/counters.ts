// What the instrumented library counts in: see `instrument.ts`. Not instrumented itself.

/** More blocks than the library has. */
export const MOST_BLOCKS = 8_192;

/** How often each block has been reached. */
export const counts = new Uint32Array(MOST_BLOCKS);

/** Thrown out of any block once there is no fuel left: the library does not come to an end. */
export class OutOfFuel extends Error {
  constructor() {
    super("the library does not come to an end");
  }
}

let fuel = Infinity;
let burnt = 0;

/** How many blocks have been reached: the work that was done, the same in every run. */
export function work(): number {
  return burnt;
}

/** Lets this many blocks be reached from now on; each further one throws. */
export function refuel(blocks: number): void {
  fuel = burnt + blocks;
}

/** What every block begins with. */
export function reach(block: number): void {
  counts[block]++;
  if (++burnt > fuel) throw new OutOfFuel();
}
