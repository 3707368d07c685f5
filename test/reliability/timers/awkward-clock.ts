import type { Clock, ClockTimer } from "mqtt-xs";
import { VirtualEvent, VirtualTime } from "../storm/virtual-time.js";

/** How a platform shows its milliseconds. */
export type Showing = (milliseconds: number) => number;

/** What platforms there are. */
export const SHOWINGS: Readonly<Record<string, Showing>> = {
  "signed 32 bits, as on ESP32": (milliseconds) => milliseconds | 0,
  "unsigned 32 bits": (milliseconds) => milliseconds >>> 0,
  "doubles, as in mcsim": (milliseconds) => 1_795_000_000_000 + milliseconds,
  "doubles with fractions, as on Node": (milliseconds) => milliseconds + 0.123,
};

/** What is awkward about a clock. */
export interface Awkwardness {
  /** What it shows at the beginning, in milliseconds. Default 0. */
  readonly start?: number;
  /** Default: unsigned 32 bits. */
  readonly show?: Showing;
  /** What a timer makes of its delay: how many milliseconds it really takes. Default: what it was asked for. */
  readonly delay?: (milliseconds: number) => number;
}

/** A clock in virtual time, with timers that fire late or early, of a process that sleeps at times. */
export class AwkwardClock implements Clock {
  readonly time = new VirtualTime();
  readonly #start: number;
  readonly #show: Showing;
  readonly #delay: (milliseconds: number) => number;

  constructor({ start = 0, show, delay }: Awkwardness = {}) {
    this.#start = start;
    this.#show = show ?? ((milliseconds) => milliseconds >>> 0);
    this.#delay = delay ?? ((milliseconds) => milliseconds);
  }

  now(): number {
    return this.#show(this.#start + this.time.now);
  }

  createTimer(callback: () => void): ClockTimer {
    const event = new VirtualEvent(callback);
    return {
      schedule: (milliseconds) => {
        if (!(milliseconds >= 0 && milliseconds < 2 ** 31)) throw new Error(`a timer was scheduled for ${milliseconds} ms`);
        this.time.plan(event, this.#delay(milliseconds));
      },
      cancel: () => this.time.forget(event),
    };
  }

  /** Lets time pass. */
  advance(milliseconds: number): void {
    this.time.run(this.time.now + milliseconds);
  }

  /** Lets time pass in which nothing can happen: what was to happen meanwhile happens at the end, in its order. */
  sleep(milliseconds: number): void {
    this.time.now += milliseconds;
    this.time.run(this.time.now);
  }
}
