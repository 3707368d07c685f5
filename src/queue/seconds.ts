import type { Clock } from "../index.js";

/** Before this, a device's clock has not been set: 2020. */
const PLAUSIBLE = 1_577_836_800;

/** Time in seconds, from 1 on, to know the age of messages by. 0: not known now. */
export class Seconds {
  private elapsed: number;
  private last: number;

  /** @param start what it begins at, without `time`. */
  constructor(
    private readonly clock: Clock,
    private readonly time: (() => number) | undefined,
    start: number,
  ) {
    this.elapsed = start * 1_000;
    this.last = clock.now();
  }

  /** The time now, as a whole number. Must be called once in 24 days, or it does not see the clock wrap. */
  now(): number {
    if (this.time) {
      const time = this.time();
      return time >= PLAUSIBLE ? Math.floor(time) : 0;
    }
    const now = this.clock.now();
    this.elapsed += Math.max(0, (now - this.last) | 0); // the clock of desktop simulators can be set back
    this.last = now;
    return Math.floor(this.elapsed / 1_000);
  }
}
