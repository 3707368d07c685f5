import Sim from "sim";

/** Operations before those that count. */
const WARM_UP = 100;
/** Operations that count. */
const OPERATIONS = 1_000;

/** Watches what the engine allocates over a thousand operations, after a hundred that do not count. Allocates nothing. */
export class Steady {
  #count = 0;
  #slots = 0;
  #chunkBytes = 0;
  #collections = 0;

  /** Whether all operations have been done, and reported. */
  get done(): boolean {
    return this.#count >= WARM_UP + OPERATIONS;
  }

  /** An operation is done. After the last one, the runner is told `steady`: slots, bytes of chunks, collections. */
  count(): void {
    this.#count++;
    if (this.#count === WARM_UP) this.#start();
    else if (this.#count === WARM_UP + OPERATIONS) this.#finish();
  }

  #start(): void {
    this.#slots = Sim.slots();
    this.#chunkBytes = Sim.chunkBytes();
    this.#collections = Sim.collections();
  }

  /** The counters come first: the name itself takes a chunk, as all text does that stands in preloaded code. */
  #finish(): void {
    const slots = Sim.slots() - this.#slots;
    const chunkBytes = Sim.chunkBytes() - this.#chunkBytes;
    const collections = Sim.collections() - this.#collections;
    Sim.report("steady", slots, chunkBytes, collections);
  }
}
