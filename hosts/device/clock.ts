import type { Clock, ClockTimer } from "mqtt-xs";
import Time from "time";
import Timer from "timer";

/** For timers that nobody has armed yet. */
const TWELVE_DAYS = 0x3fff_ffff;

/**
 * The SDK deletes a timer that fires once, so this one repeats, and is stopped when it fires. Interval and first delay
 * are always the same: on desktops, a timer whose callback arms it with two different ones cannot be stopped any more.
 */
class DeviceTimer implements ClockTimer {
  readonly #timer: Timer;

  constructor(callback: () => void) {
    this.#timer = Timer.repeat((timer) => {
      Timer.schedule(timer);
      callback();
    }, TWELVE_DAYS);
    this.cancel();
  }

  schedule(milliseconds: number): void {
    const delay = milliseconds >= 1 ? milliseconds : 1;
    // Without this, a timer that is due already would still fire.
    Timer.schedule(this.#timer);
    Timer.schedule(this.#timer, delay, delay);
  }

  cancel(): void {
    Timer.schedule(this.#timer);
  }

  release(): void {
    Timer.clear(this.#timer);
  }
}

/**
 * The device's clock: `Time.ticks` and one SDK timer for each `createTimer`. Delays are whole milliseconds from 1 to
 * 2^31 - 1; smaller ones count as 1. Only `createTimer` allocates.
 */
export class DeviceClock implements Clock {
  now(): number {
    return Time.ticks;
  }

  createTimer(callback: () => void): ClockTimer {
    return new DeviceTimer(callback);
  }
}
