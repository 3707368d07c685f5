import type { Clock } from "../../../src/client/clock.js";
import type { Transport, TransportListener } from "../../../src/client/transport.js";
import { type ConnectionFaults, type Fault, NO_FAULTS } from "./connection-faults.js";
import { FaultyConnection } from "./faulty-connection.js";

/** What a `FaultyTransport` is made of. */
export interface FaultyTransportOptions {
  /** The transport that carries the bytes. */
  readonly transport: Transport;
  /** The time that delays are measured in. */
  readonly clock: Clock;
  /** What goes wrong on each connection, counted from 0. Default: nothing. */
  readonly faultsOf?: (connection: number) => ConnectionFaults;
  /** Told of each fault as it comes about, also from within a method. */
  readonly onFault?: (fault: Fault, connection: number) => void;
  /** Makes the calls to the owner; default: just so. One that catches learns what the owner throws. */
  readonly guard?: (call: () => void) => void;
}

/**
 * A network that fails, around any transport: it delays, splits, merges and stalls what comes in, has no room now and then,
 * and refuses or breaks connections, as its options say. It keeps the contract of `Transport`, so whatever it does, a
 * client has to bear: bytes are lost only at the end of a connection. The model is smoltcp's fault injector.
 */
export class FaultyTransport implements Transport {
  readonly #options: FaultyTransportOptions;
  #connection: FaultyConnection | undefined;
  #count = 0;

  constructor(options: FaultyTransportOptions) {
    this.#options = options;
  }

  /** Connections so far, attempts included. */
  get connections(): number {
    return this.#count;
  }

  get writeLimit(): number {
    return this.#options.transport.writeLimit;
  }

  open(listener: TransportListener): void {
    const { transport, clock, faultsOf, onFault, guard = justSo } = this.#options;
    const number = this.#count++;
    this.#connection = new FaultyConnection({
      inner: transport,
      owner: guarded(listener, guard),
      clock,
      faults: faultsOf?.(number) ?? NO_FAULTS,
      onFault: (fault) => onFault?.(fault, number),
    });
    this.#connection.open();
  }

  read(target: Uint8Array, start: number, end: number): number {
    return this.#connection?.read(target, start, end) ?? 0;
  }

  write(source: Uint8Array, length: number): boolean {
    return this.#connection?.write(source, length) ?? false;
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }
}

function justSo(call: () => void): void {
  call();
}

function guarded(listener: TransportListener, guard: (call: () => void) => void): TransportListener {
  return {
    onOpen: () => guard(() => listener.onOpen()),
    onReadable: () => guard(() => listener.onReadable()),
    onWritable: () => guard(() => listener.onWritable()),
    onClose: (error) => guard(() => listener.onClose(error)),
  };
}
