import type { ClockTimer } from "../../../src/client/clock.js";
import { ManualClock } from "../../support/manual-clock.js";

/** Time that stands still until `advance` moves it, and that counts the timers nobody has let go of. */
export class FakeClock extends ManualClock {
  timers = 0;

  override createTimer(callback: () => void): ClockTimer {
    const timer = super.createTimer(callback);
    let isReleased = false;
    this.timers++;
    return {
      schedule(milliseconds) {
        if (isReleased) throw new Error("clock: a timer was scheduled that had been released");
        timer.schedule(milliseconds);
      },
      cancel: () => timer.cancel(),
      release: () => {
        timer.cancel();
        if (!isReleased) this.timers--;
        isReleased = true;
      },
    };
  }
}
