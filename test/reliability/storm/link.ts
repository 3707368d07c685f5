import type { Transport, TransportListener } from "../../../src/client/transport.js";
import type { Broker } from "./broker.js";
import { Connection } from "./connection.js";
import type { VirtualTime } from "./virtual-time.js";

/** A device's way to the broker, which is always as long. */
export class Link implements Transport {
  readonly writeLimit = 0xffff;
  readonly #time: VirtualTime;
  readonly #broker: Broker;
  readonly #latency: number;
  #connection: Connection | undefined;

  /** @param latency milliseconds one way. */
  constructor(time: VirtualTime, broker: Broker, latency: number) {
    this.#time = time;
    this.#broker = broker;
    this.#latency = latency;
  }

  open(listener: TransportListener): void {
    this.#connection = new Connection(this.#time, this.#broker, listener, this.#latency);
  }

  read(target: Uint8Array, start: number, end: number): number {
    return this.#connection?.read(target, start, end) ?? 0;
  }

  write(source: Uint8Array): boolean {
    this.#connection?.send(source[0] >> 4);
    return true;
  }

  close(): void {
    if (this.#connection) this.#connection.isOver = true;
    this.#connection = undefined;
  }
}
