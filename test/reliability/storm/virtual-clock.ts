import type { Clock, ClockTimer } from "mqtt-xs";
import { VirtualEvent, type VirtualTime } from "./virtual-time.js";

/** A device's clock: whole milliseconds of virtual time, in signed 32 bits as on ESP32, from when the device was switched on. */
export class VirtualClock implements Clock {
  readonly #time: VirtualTime;
  readonly #start: number;

  /** @param start what it shows at the beginning of virtual time. */
  constructor(time: VirtualTime, start: number) {
    this.#time = time;
    this.#start = start;
  }

  now(): number {
    return (this.#start + this.#time.now) | 0;
  }

  createTimer(callback: () => void): ClockTimer {
    const event = new VirtualEvent(callback);
    return {
      schedule: (milliseconds) => this.#time.plan(event, milliseconds),
      cancel: () => this.#time.forget(event),
    };
  }
}
