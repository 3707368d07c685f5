/**
 * Stands in for the device's `timer`, in virtual time, with the manners of the SDK on microcontrollers: a timer without
 * an interval is deleted after it has fired, and every use of a deleted timer throws.
 */
export default class Timer {
  static #timers: Timer[] = [];
  static #now = 0;

  readonly #callback: (timer: Timer) => void;
  #due: number | undefined;
  #interval: number;
  #isDeleted = false;
  /** Chosen to be called in this millisecond; putting the timer off does not change that, only stopping it does. */
  #isChosen = false;

  private constructor(callback: (timer: Timer) => void, delay: number, interval: number) {
    this.#callback = callback;
    this.#due = Timer.#now + delay;
    this.#interval = interval;
  }

  static set(callback: (timer: Timer) => void, delay = 0, interval = 0): Timer {
    const timer = new Timer(callback, delay, interval);
    Timer.#timers.push(timer);
    return timer;
  }

  static repeat(callback: (timer: Timer) => void, interval: number): Timer {
    return Timer.set(callback, interval, interval);
  }

  static schedule(timer: Timer, delay?: number, interval = 0): void {
    if (timer.#isDeleted) throw new Error("timer: schedule of a deleted timer");
    if (delay === undefined) {
      timer.#due = undefined;
      timer.#interval = -1;
      timer.#isChosen = false;
      return;
    }
    // Desktops lose control of a timer whose callback does this.
    if (delay !== interval) throw new Error("timer: schedule with an interval other than the delay");
    if (!Number.isFinite(delay) || delay < 1) throw new Error(`timer: delay of ${delay}`);
    timer.#due = Timer.#now + delay;
    timer.#interval = interval;
  }

  static clear(timer: Timer): void {
    timer.#isDeleted = true;
    timer.#isChosen = false;
    Timer.#timers = Timer.#timers.filter((each) => each !== timer);
  }

  // The test's side.

  static get now(): number {
    return Timer.#now;
  }

  /** How many timers exist, armed or not. */
  static get count(): number {
    return Timer.#timers.length;
  }

  static reset(): void {
    Timer.#timers = [];
    Timer.#now = 0;
  }

  /** Lets time pass. Timers that fall due in the same millisecond are chosen before the first of them is called. */
  static advance(milliseconds: number): void {
    for (let left = milliseconds; left >= 0; left--) {
      const due = Timer.#timers.filter((each) => each.#due !== undefined && each.#due <= Timer.#now);
      for (const timer of due) timer.#isChosen = true;
      for (const timer of due) if (timer.#isChosen) timer.#fire();
      if (left > 0) Timer.#now++;
    }
  }

  #fire(): void {
    this.#isChosen = false;
    this.#due = Timer.#now + this.#interval;
    this.#callback(this);
    if (this.#interval === 0) Timer.clear(this);
  }
}
