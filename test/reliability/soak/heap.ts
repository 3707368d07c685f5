import Sim from "sim";

/** Watches the device's heap from the beginning to the end of each connection. Allocates nothing. */
export class Heap {
  // In preloaded code, a text literal takes a chunk each time it is come across.
  readonly #inUse = "heap";
  readonly #connection = "connection";
  /** When the connection was up. */
  #slots = 0;
  #chunkBytes = 0;
  #collections = 0;
  /** At the latest report. */
  #latestSlots = 0;
  #latestChunkBytes = 0;
  /** From when the connection was up until the report before that. */
  #allocatedSlots = 0;
  #allocatedChunkBytes = 0;

  /** A connection is up. What connecting has left behind is collected, so that what is in use can be compared. */
  begin(): void {
    Sim.collect();
    this.#slots = this.#latestSlots = Sim.slots();
    this.#chunkBytes = this.#latestChunkBytes = Sim.chunkBytes();
    this.#collections = Sim.collections();
  }

  /** Tells the runner, after a number of messages, the slots and bytes of chunks that are in use, garbage included. */
  report(messages: number): void {
    this.#allocatedSlots = this.#latestSlots - this.#slots;
    this.#allocatedChunkBytes = this.#latestChunkBytes - this.#chunkBytes;
    this.#latestSlots = Sim.slots();
    this.#latestChunkBytes = Sim.chunkBytes();
    Sim.report(this.#inUse, messages, Sim.slotsInUse(), Sim.chunkBytesInUse());
  }

  /**
   * The connection is gone: tells the runner the collections since it was up, and the slots and bytes of chunks allocated. What
   * was allocated after the latest report is left out, because the end of a connection allocates, and may begin before.
   */
  end(): void {
    Sim.report(this.#connection, Sim.collections() - this.#collections, this.#allocatedSlots, this.#allocatedChunkBytes);
  }
}
