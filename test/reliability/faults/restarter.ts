import type { Broker } from "./brokers.js";
import type { Schedule } from "./schedule.js";

/**
 * Restarts the broker that a group of schedules shares: for the first time when half of them have come to where they want
 * their first restart, and so on. A schedule by itself has its restarts exactly where it wants them.
 */
export class Restarter {
  readonly #broker: Broker;
  readonly #schedules: readonly Schedule[];
  readonly #steps = new Map<Schedule, number>();
  #restarts = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(broker: Broker, schedules: readonly Schedule[]) {
    this.#broker = broker;
    this.#schedules = schedules;
  }

  /** Resolves when no restart is under way; rejects when the broker did not come back. */
  get finished(): Promise<void> {
    return this.#running;
  }

  /** How many restarts there have been. */
  get count(): number {
    return this.#restarts;
  }

  /** So many of a schedule's messages have been published. */
  advance(schedule: Schedule, steps: number): void {
    this.#steps.set(schedule, steps);
    const isThere = (it: Schedule): boolean => (this.#steps.get(it) ?? 0) >= (it.restarts.at(this.#restarts) ?? Infinity);
    if (this.#schedules.filter(isThere).length * 2 < this.#schedules.length) return;
    this.#restarts++;
    this.#running = this.#running.then(() => this.#broker.restart());
  }
}
