import type { Arrivals } from "./arrivals.js";

/** The heap in use at some time, garbage included. */
export interface HeapSample {
  /** How many messages had been published. */
  readonly messages: number;
  readonly slots: number;
  readonly chunkBytes: number;
}

/** What was used in all connections, each from when it was up until it was gone. */
export interface Usage {
  collections: number;
  slots: number;
  chunkBytes: number;
}

/** What the device has told. */
export class DeviceLog {
  readonly samples: HeapSample[] = [];
  readonly used: Usage = { collections: 0, slots: 0, chunkBytes: 0 };
  connections = 0;
  /** How often the broker had lost the session. */
  sessionsLost = 0;
  /** Whether all messages are delivered. */
  isDone = false;
  readonly #echo: Arrivals;

  constructor(echo: Arrivals) {
    this.#echo = echo;
  }

  /** How many messages have been published, about. */
  get published(): number {
    return this.samples.at(-1)?.messages ?? 0;
  }

  /** How many different messages have come back. */
  get arrived(): number {
    return this.#echo.distinct;
  }

  /** Whether all messages of QoS 1 and 2 have come back. */
  get isComplete(): boolean {
    return this.#echo.isComplete;
  }

  /** Takes a report of `SoakDevice`. */
  take(name: string, numbers: readonly number[]): void {
    const [first = 0, second = 0, third = 0] = numbers;
    if (name === "echo") this.#echo.add(first);
    else if (name === "damaged") this.#echo.addDamaged(first);
    else if (name === "heap") this.samples.push({ messages: first, slots: second, chunkBytes: third });
    else if (name === "ready") this.#connected(first === 1);
    else if (name === "connection") this.#used(first, second, third);
    else if (name === "done") this.isDone = true;
  }

  #connected(sessionPresent: boolean): void {
    if (this.connections++ > 0 && !sessionPresent) this.sessionsLost++;
  }

  #used(collections: number, slots: number, chunkBytes: number): void {
    this.used.collections += collections;
    this.used.slots += slots;
    this.used.chunkBytes += chunkBytes;
  }
}
