import type { QoS } from "mqtt-xs";
import type { Plan } from "./plan.js";

/** How many numbers of a kind are kept to be named. */
const NAMED = 100;

/** Message numbers that should not be: how many, and the first of them. */
export class Numbers {
  count = 0;
  readonly first: number[] = [];

  add(number: number): void {
    if (this.count++ < NAMED) this.first.push(number);
  }
}

/** What became of the messages on one way from the device. */
export interface Outcome {
  /** How many different messages of each quality of service arrived. */
  readonly arrived: readonly [number, number, number];
  /** Of QoS 1 and 2. */
  readonly lost: Numbers;
  /** Of QoS 0 and 2: there more than once. */
  readonly duplicated: Numbers;
  /** Not what was published, or never published. */
  readonly damaged: Numbers;
  /** How often a message of QoS 1 was there again, which the standard allows. */
  readonly repetitions: number;
}

/** Counts how often each numbered message arrived: a byte for each, and no object. */
export class Arrivals {
  readonly #plan: Plan;
  /** Up to 255, where they stay. */
  readonly #counts: Uint8ClampedArray;
  readonly #newest: [number, number, number] = [0, 0, 0];
  readonly #damaged = new Numbers();
  #awaited = 0;
  #total = 0;
  #distinct = 0;

  /** @param messages numbered from 1. */
  constructor(plan: Plan, messages: number) {
    this.#plan = plan;
    this.#counts = new Uint8ClampedArray(messages + 1);
    for (let number = 1; number <= messages; number++) if (plan.qos(number) > 0) this.#awaited++;
  }

  /** How many different messages there have been. */
  get distinct(): number {
    return this.#distinct;
  }

  /** How often there has been one. */
  get total(): number {
    return this.#total;
  }

  /** Whether all messages of QoS 1 and 2 have been there. */
  get isComplete(): boolean {
    return this.#awaited === 0;
  }

  /** The latest published of those that have been there, with a quality of service or with any. */
  newest(qos?: QoS): number {
    return qos === undefined ? Math.max(...this.#newest) : this.#newest[qos];
  }

  /** A message is there. */
  add(number: number): void {
    this.#total++;
    if (number < 1 || number >= this.#counts.length) this.addDamaged(number);
    else if (this.#counts[number]++ === 0) this.#addFirst(number);
  }

  /** A message is there that is not as it was published. */
  addDamaged(number: number): void {
    this.#damaged.add(number);
  }

  /** What can be said at the end. */
  outcome(): Outcome {
    const arrived: [number, number, number] = [0, 0, 0];
    const lost = new Numbers();
    const duplicated = new Numbers();
    let repetitions = 0;
    for (let number = 1; number < this.#counts.length; number++) {
      const qos = this.#plan.qos(number);
      const count = this.#counts[number];
      if (count > 0) arrived[qos]++;
      else if (qos > 0) lost.add(number);
      if (count > 1 && qos === 1) repetitions += count - 1;
      else if (count > 1) duplicated.add(number);
    }
    return { arrived, lost, duplicated, damaged: this.#damaged, repetitions };
  }

  #addFirst(number: number): void {
    const qos = this.#plan.qos(number);
    this.#distinct++;
    if (qos > 0) this.#awaited--;
    this.#newest[qos] = Math.max(this.#newest[qos], number);
  }
}
