import Instrumentation from "instrumentation";
import type { Extra } from "mqtt-xs/telemetry";

/** One of the SDK's counters of this machine's memory; reading it allocates nothing. */
class Counter implements Extra {
  readonly name: string;
  readonly unit = "B";
  readonly #index: number | undefined;

  constructor(name: string, counter: Parameters<typeof Instrumentation.map>[0]) {
    this.name = name;
    this.#index = Instrumentation.map(counter);
  }

  get value(): number {
    return Instrumentation.get(this.#index) ?? NaN;
  }
}

/** What is in use of the XS heap, in bytes. */
export const slots: Extra = new Counter("slots", "XS Slot Heap Used");
export const chunks: Extra = new Counter("chunks", "XS Chunk Heap Used");
