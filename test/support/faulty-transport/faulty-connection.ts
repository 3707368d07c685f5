import type { Clock, ClockTimer } from "../../../src/client/clock.js";
import type { Transport, TransportListener } from "../../../src/client/transport.js";
import { MqttError } from "../../../src/errors.js";
import type { Break, ConnectionFaults, Fault } from "./connection-faults.js";
import { FaultyInput } from "./faulty-input.js";

/** What a connection is made of. */
export interface ConnectionParts {
  /** Carries the bytes. */
  readonly inner: Transport;
  readonly owner: TransportListener;
  readonly clock: Clock;
  readonly faults: ConnectionFaults;
  /** Told of each fault as it comes about. */
  readonly onFault: (fault: Fault) => void;
}

/** Which direction is dead from the break on. */
const DEAD: Readonly<Record<Break, { received: boolean; written: boolean }>> = {
  reset: { received: true, written: true },
  "half-close": { received: true, written: false },
  loss: { received: false, written: true },
  silence: { received: true, written: true },
};

/** One connection, from `open` to its end, and what goes wrong with it. */
export class FaultyConnection implements TransportListener {
  readonly #parts: ConnectionParts;
  readonly #input: FaultyInput;
  readonly #timers: ClockTimer[] = [];
  #state: "opening" | "open" | "over" = "opening";
  #written = 0;
  /** Bytes that still go through before a break that counts the written ones. */
  readonly #writtenLimit: number;
  /** How many of the blockades have begun, and whether one lasts. */
  #blockades = 0;
  #isBlocked = false;
  /** Whether the owner waits for `onWritable`. */
  #isRefused = false;
  #broken: Break | undefined;
  /** What is written goes nowhere. */
  #isMute = false;
  /** Why the other end, or the real network, closed the connection; the owner is told when it has read everything. */
  #closed: MqttError | undefined;

  constructor(parts: ConnectionParts) {
    const { ending, nextPiece } = parts.faults;
    this.#parts = parts;
    this.#writtenLimit = ending?.side === "written" ? ending.after : Infinity;
    this.#input = new FaultyInput({
      limit: ending?.side === "received" ? ending.after : Infinity,
      nextPiece,
      later: (milliseconds, action) => this.#later(milliseconds, action),
      onFault: parts.onFault,
      onOffered: () => parts.owner.onReadable(),
      onLimit: () => this.#break(),
    });
  }

  /** Begins to connect. */
  open(): void {
    const { delay } = this.#parts.faults;
    if (delay > 0) this.#later(delay, () => this.#connect());
    else this.#connect();
  }

  read(target: Uint8Array, start: number, end: number): number {
    if (this.#state !== "open") return 0;
    const count = this.#input.read(target, start, end);
    if (this.#closed && this.#input.isEmpty) this.#later(0, () => this.#finish());
    return count;
  }

  write(source: Uint8Array, length: number): boolean {
    if (this.#state !== "open") return false;
    if (this.#isMute) return true;
    const count = Math.min(length, this.#writtenLimit - this.#written);
    this.#isRefused = this.#isBlocked || (count > 0 && !this.#parts.inner.write(source, count));
    if (this.#isRefused) return false;
    this.#written += count;
    if (this.#written >= this.#writtenLimit) this.#break();
    else this.#blockWhereDue();
    return true;
  }

  /** The owner closes, or something else has ended it: not a callback follows. */
  close(): void {
    this.#state = "over";
    this.#input.end();
    for (const timer of this.#timers) timer.cancel();
    this.#parts.inner.close();
  }

  // ---- what the real transport tells -----------------------------------------------------------------------------

  onOpen(): void {
    this.#state = "open";
    this.#parts.owner.onOpen();
  }

  onReadable(): void {
    this.#input.takeFrom(this.#parts.inner);
  }

  onWritable(): void {
    if (!this.#isRefused || this.#isBlocked) return;
    this.#isRefused = false;
    this.#parts.owner.onWritable();
  }

  onClose(error: MqttError): void {
    if (this.#broken) return; // which will be told in time, if ever
    this.#closed = error;
    this.#isMute = true;
    if (this.#state === "opening" || this.#input.isEmpty) this.#finish();
    else this.onWritable(); // an owner that waits for room would never read on
  }

  // ---- what goes wrong -------------------------------------------------------------------------------------------

  #connect(): void {
    const { inner, faults, onFault } = this.#parts;
    const { opening } = faults;
    if (opening !== "succeeds") onFault(opening);
    if (opening === "succeeds") inner.open(this);
    else if (opening === "host not found") this.#later(0, () => this.#end(failure("ERR_HOST_NOT_FOUND", opening)));
    else if (opening === "refused") this.#later(0, () => this.#end(failure("ERR_SOCKET", opening)));
  }

  #blockWhereDue(): void {
    const blockade = this.#parts.faults.blockades.at(this.#blockades);
    if (!blockade || this.#isBlocked || this.#written < blockade.after) return;
    this.#blockades++;
    this.#isBlocked = true;
    this.#parts.onFault("no room");
    this.#later(blockade.milliseconds, () => {
      this.#isBlocked = false;
      this.onWritable();
    });
  }

  #break(): void {
    const { ending } = this.#parts.faults;
    if (!ending || this.#broken) return;
    this.#broken = ending.how;
    this.#isMute = DEAD[ending.how].written;
    if (DEAD[ending.how].received) this.#input.end();
    this.#parts.onFault(ending.how);
    if (ending.how !== "silence") this.#later(ending.milliseconds, () => this.#end(failure("ERR_CONNECTION_CLOSED", ending.how)));
  }

  #finish(): void {
    if (this.#closed) this.#end(this.#closed);
  }

  #end(error: MqttError): void {
    if (this.#state === "over") return;
    this.close();
    this.#parts.owner.onClose(error);
  }

  #later(milliseconds: number, action: () => void): void {
    const timer = this.#parts.clock.createTimer(() => {
      if (this.#state !== "over") action();
    });
    this.#timers.push(timer);
    timer.schedule(milliseconds);
  }
}

type NetworkError = "ERR_HOST_NOT_FOUND" | "ERR_SOCKET" | "ERR_CONNECTION_CLOSED";

function failure(code: NetworkError, fault: Fault): MqttError {
  return new MqttError(code, `injected fault: ${fault}`, "network");
}
