/** One timer, made once and armed again and again without allocating. */
export interface ClockTimer {
  /** Calls the timer's callback once, `milliseconds` from now. Replaces an earlier call that is still to come. */
  schedule(milliseconds: number): void;
  /** Forgets the call that is still to come, if any. */
  cancel(): void;
  /** Gives back what the platform holds for the timer, which nobody uses any more; `Client` keeps its own for ever. */
  release?(): void;
}

/** Time, as an argument. */
export interface Clock {
  /** Milliseconds that only move forward, whatever the wall clock does. May wrap at 2^32: only differences count. */
  now(): number;
  /** Makes a timer, not armed yet. Allocates; `schedule` and `cancel` must not, where the platform allows that. */
  createTimer(callback: () => void): ClockTimer;
}
