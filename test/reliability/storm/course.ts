import type { FleetEvents } from "./device.js";
import type { VirtualTime } from "./virtual-time.js";

/** What happened in one second. */
export interface Second {
  /** Attempts to connect that arrived at the broker's host. */
  readonly attempts: number;
  /** Devices that were connected at its end. */
  readonly connected: number;
}

/** The course of a storm. */
export class Course implements FleetEvents {
  /** What happened from the moment that the broker failed, second by second. */
  readonly seconds: Second[] = [];
  readonly devices: number;
  /** Seconds that the broker is gone. */
  readonly outage: number;
  readonly #time: VirtualTime;
  /** When the broker is back. */
  #recovery = Infinity;
  /** When each device was connected again, in seconds since the broker's return, in order. */
  readonly #returns: number[] = [];
  #attempts = 0;
  #connected = 0;

  constructor(devices: number, outage: number, time: VirtualTime) {
    this.devices = devices;
    this.outage = outage;
    this.#time = time;
  }

  onConnected(): void {
    this.#connected++;
    if (this.#time.now >= this.#recovery) this.#returns.push((this.#time.now - this.#recovery) / 1_000);
  }

  onLost(): void {
    this.#connected--;
  }

  countAttempt(): void {
    this.#attempts++;
  }

  /** The broker fails now. */
  begin(): void {
    if (this.#connected < this.devices) throw new Error(`only ${this.#connected} devices are connected`);
    this.#recovery = this.#time.now + this.outage * 1_000;
  }

  /** A second is over. */
  endSecond(): void {
    this.seconds.push({ attempts: this.#attempts, connected: this.#connected });
    this.#attempts = 0;
  }

  /** Whether all devices have come back. */
  get isOver(): boolean {
    return this.#returns.length > 0 && this.#connected === this.devices;
  }

  /** Seconds from the broker's return until so many of 100 devices were connected again; Infinity when they never were. */
  recovery(percent: number): number {
    return this.#returns.at(Math.ceil((percent * this.devices) / 100) - 1) ?? Infinity;
  }

  /** Attempts that failed. */
  get failures(): number {
    const attempts = this.seconds.reduce((sum, second) => sum + second.attempts, 0);
    return attempts - this.#returns.length;
  }

  /** The most attempts in one second while the broker was gone. */
  get peakWhileGone(): number {
    return peak(this.seconds.slice(0, this.outage));
  }

  /** The most attempts in one second from the broker's return on. */
  get peakAtReturn(): number {
    return peak(this.seconds.slice(this.outage));
  }
}

function peak(seconds: readonly Second[]): number {
  return Math.max(...seconds.map(({ attempts }) => attempts));
}
