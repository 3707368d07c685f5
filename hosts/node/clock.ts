import type { Clock, ClockTimer } from "mqtt-xs";

/** The longest delay that `setTimeout` knows. */
const LONGEST = 0x7fff_ffff;

class NodeTimer implements ClockTimer {
  readonly #callback: () => void;
  #due = 0;
  #timeout: NodeJS.Timeout | undefined;

  constructor(callback: () => void) {
    this.#callback = callback;
  }

  schedule(milliseconds: number): void {
    this.#due = performance.now() + milliseconds;
    this.#arm();
  }

  cancel(): void {
    clearTimeout(this.#timeout);
    this.#timeout = undefined;
  }

  #arm(): void {
    clearTimeout(this.#timeout);
    this.#timeout = setTimeout(this.#elapsed, Math.min(Math.ceil(this.#due - performance.now()), LONGEST));
  }

  /** Comes too early after a delay that `setTimeout` does not know, and sometimes by a fraction of a millisecond. */
  readonly #elapsed = (): void => {
    if (performance.now() < this.#due) this.#arm();
    else this.#callback();
  };
}

/** Node's monotonic clock and `setTimeout`. Delays are in milliseconds, as long as you like; `schedule` allocates. */
export class NodeClock implements Clock {
  now(): number {
    return performance.now();
  }

  createTimer(callback: () => void): ClockTimer {
    return new NodeTimer(callback);
  }
}
