import type { Clock, ClockTimer } from "mqtt-xs";

/** Another clock's time, sped up: for a client, whose keep alive counts whole seconds, minutes then pass in seconds. */
export class FastClock implements Clock {
  readonly #clock: Clock;
  readonly #factor: number;
  readonly #guard: (call: () => void) => void;

  /**
   * @param factor how many times as fast.
   * @param guard makes the calls to timers' callbacks; default: just so. One that catches learns what they throw.
   */
  constructor(clock: Clock, factor: number, guard: (call: () => void) => void = (call) => call()) {
    this.#clock = clock;
    this.#factor = factor;
    this.#guard = guard;
  }

  now(): number {
    return this.#clock.now() * this.#factor;
  }

  createTimer(callback: () => void): ClockTimer {
    const timer = this.#clock.createTimer(() => this.#guard(callback));
    return {
      schedule: (milliseconds) => timer.schedule(milliseconds / this.#factor),
      cancel: () => timer.cancel(),
    };
  }
}
