import { MemoryTransport } from "../support/memory-transport.js";
import type { TransportListener } from "mqtt-xs";

/**
 * A `MemoryTransport` that ends a client which runs round in circles, and that hands over what the client had written
 * when it closed, as a network would still carry it.
 */
export class FuzzTransport extends MemoryTransport {
  /** Calls of `read` and `write` that are still allowed. */
  steps: number;
  /** Called when the client closes an open connection, with what it wrote and nobody has taken. */
  onClosed: (sent: Uint8Array) => void = () => undefined;

  constructor(steps: number, writeLimit?: number) {
    super(writeLimit === undefined ? {} : { writeLimit });
    this.steps = steps;
  }

  override open(listener: TransportListener): void {
    this.#step();
    super.open(listener);
  }

  override read(target: Uint8Array, start: number, end: number): number {
    this.#step();
    return super.read(target, start, end);
  }

  override write(source: Uint8Array, length: number): boolean {
    this.#step();
    return super.write(source, length);
  }

  override close(): void {
    const wasOpen = this.isOpen;
    super.close();
    if (wasOpen) this.onClosed(this.sent);
  }

  #step(): void {
    if (--this.steps < 0) throw new Error("the client does not come to an end");
  }
}
