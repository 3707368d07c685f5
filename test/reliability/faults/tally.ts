import type { Fault } from "../../support/faulty-transport/connection-faults.js";
import type { Violation, Wrong } from "../support/violation.js";
import type { BrokerName } from "./brokers.js";
import type { Outcome } from "./player.js";

/** A schedule in which something went wrong. */
export interface FailedSchedule {
  readonly seed: number;
  readonly broker: BrokerName;
  readonly violations: readonly Violation[];
}

/** What happened in all schedules with one broker. */
export class Tally {
  readonly broker: BrokerName;
  readonly failed: FailedSchedule[] = [];
  schedules = 0;
  connections = 0;
  /** Of the broker. */
  restarts = 0;
  seconds = 0;
  readonly #faults = new Map<Fault, number>();
  readonly #wrong = new Map<Wrong, number>();
  /** By QoS. */
  readonly #messages = [0, 0, 0];

  constructor(broker: BrokerName) {
    this.broker = broker;
  }

  add({ seed, violations, faults, sent, connections }: Outcome): void {
    this.schedules++;
    this.connections += connections;
    for (const fault of faults) count(this.#faults, fault);
    for (const { what } of violations) count(this.#wrong, what);
    for (const { qos } of sent) this.#messages[qos]++;
    if (violations.length > 0) this.failed.push({ seed, broker: this.broker, violations });
  }

  /** How often a fault came about. */
  faults(fault: Fault): number {
    return this.#faults.get(fault) ?? 0;
  }

  /** How many messages were sent with this QoS, in both directions. */
  messages(qos: number): number {
    return this.#messages[qos];
  }

  /** How often this went wrong. */
  wrong(what: Wrong): number {
    return this.#wrong.get(what) ?? 0;
  }

  /** How often anything else did. */
  wrongBeside(known: readonly Wrong[]): number {
    return [...this.#wrong].reduce((sum, [what, times]) => sum + (known.includes(what) ? 0 : times), 0);
  }
}

function count<Name>(counts: Map<Name, number>, name: Name): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
