import type { Clock, ClockTimer } from "../../src/client/clock.js";

/** A `ClockTimer` whose time comes when the test says so. */
class ManualTimer implements ClockTimer {
  /** When it is due, on the clock's own unwrapped count; `undefined` while not armed. */
  due: number | undefined;
  /** Rises with every `schedule`, so that timers due at the same time fire in the order they were armed. */
  order = 0;

  readonly #clock: ManualClock;
  readonly callback: () => void;

  constructor(clock: ManualClock, callback: () => void) {
    this.#clock = clock;
    this.callback = callback;
  }

  schedule(milliseconds: number): void {
    if (!Number.isFinite(milliseconds) || milliseconds < 0)
      throw new Error(`ManualClock: a timer was scheduled for ${milliseconds} ms`);
    this.due = this.#clock.elapsed + milliseconds;
    this.order = this.#clock.nextOrder();
  }

  cancel(): void {
    this.due = undefined;
  }
}

/** Virtual time: it stands still until `advance` moves it. */
export class ManualClock implements Clock {
  readonly #start: number;
  readonly #timers: ManualTimer[] = [];
  #elapsed = 0;
  #order = 0;

  /** @param start what `now` begins at; close to 2^32 to see it wrap. */
  constructor(start = 0) {
    this.#start = start;
  }

  /** Milliseconds of virtual time since the clock was made; never wraps. */
  get elapsed(): number {
    return this.#elapsed;
  }

  /** How many timers are armed. */
  get armed(): number {
    return this.#timers.filter((timer) => timer.due !== undefined).length;
  }

  /** Milliseconds until the next timer fires; `undefined` when none is armed. */
  get untilNext(): number | undefined {
    const next = this.#next();
    return next?.due === undefined ? undefined : next.due - this.#elapsed;
  }

  now(): number {
    return (this.#start + this.#elapsed) % 2 ** 32;
  }

  createTimer(callback: () => void): ClockTimer {
    const timer = new ManualTimer(this, callback);
    this.#timers.push(timer);
    return timer;
  }

  /** Lets `milliseconds` pass: fires every timer that falls due, in order, each at its own time. */
  advance(milliseconds: number): void {
    const end = this.#elapsed + milliseconds;
    for (let timer = this.#next(); timer?.due !== undefined && timer.due <= end; timer = this.#next()) {
      this.#elapsed = timer.due;
      timer.due = undefined;
      timer.callback();
    }
    this.#elapsed = end;
  }

  nextOrder(): number {
    return ++this.#order;
  }

  #next(): ManualTimer | undefined {
    let first: ManualTimer | undefined;
    for (const timer of this.#timers)
      if (timer.due !== undefined && (first?.due === undefined || isBefore(timer, first))) first = timer;
    return first;
  }
}

function isBefore(left: ManualTimer, right: ManualTimer): boolean {
  const leftDue = left.due ?? Infinity;
  const rightDue = right.due ?? Infinity;
  return leftDue < rightDue || (leftDue === rightDue && left.order < right.order);
}
