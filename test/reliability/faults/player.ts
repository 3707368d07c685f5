import { setTimeout as pause } from "node:timers/promises";
import { until } from "../../../hosts/start/until.js";
import type { Fault } from "../../support/faulty-transport/connection-faults.js";
import { knownPayload } from "../support/known-payload.js";
import { type Allowances, Ledger, type LedgerMessage, type SentMessage } from "../support/ledger.js";
import type { Violation } from "../support/violation.js";
import type { Broker } from "./brokers.js";
import { Device } from "./device.js";
import { type Direction, topicOf } from "./names.js";
import type { Schedule, Step } from "./schedule.js";
import { noTrace, type Trace } from "./trace.js";
import { PATIENCE } from "./within.js";
import type { Witness } from "./witness.js";

/** Milliseconds until a last message that a clean session did not get is followed by another. */
const REPEAT = 200;

/** What a schedule is played with. */
export interface Stage {
  readonly broker: Broker;
  readonly witness: Witness;
  /** Called after each message, with how many there have been. */
  readonly onStep?: (steps: number) => void;
  readonly trace?: Trace | undefined;
}

/** How a schedule went. */
export interface Outcome {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly faults: readonly Fault[];
  /** All messages that were taken to send, of both directions. */
  readonly sent: readonly SentMessage[];
  /** Connections of the device, attempts included. */
  readonly connections: number;
}

/** Plays one schedule: has messages published on both sides while the device's network fails, and checks what arrives. */
export class Player {
  readonly #schedule: Schedule;
  readonly #stage: Stage;
  readonly #trace: Trace;
  readonly #device: Device;
  readonly #up = new Ledger();
  readonly #down = new Ledger();
  readonly #faults: Fault[] = [];
  readonly #violations: Violation[] = [];
  /** The message that each packet identifier stands for. */
  readonly #underWay = new Map<number, number>();
  /** The connection that each message was taken on, and the one that it was told as delivered on. */
  readonly #connectionsOf: { readonly first: number; last: number }[] = [];
  /** Messages that were told as delivered because the session in which the server had taken them over is gone. */
  readonly #abandoned = new Set<number>();
  #steps = 0;
  #isSubscribed = false;

  constructor(schedule: Schedule, stage: Stage) {
    this.#schedule = schedule;
    this.#stage = stage;
    this.#trace = stage.trace ?? noTrace;
    const events = {
      onConnect: (sessionPresent: boolean) => this.#connected(sessionPresent),
      onDelivered: (identifier: number) => this.#delivered(identifier),
      onMessage: (message: LedgerMessage) => this.#arrived("down", message),
      onFault: (fault: Fault) => void this.#faults.push(fault),
      onWrong: (what: Violation["what"], detail: string) => void this.#violations.push({ what, detail }),
    };
    this.#device = new Device(schedule, stage.broker, events, this.#trace, stage.trace !== undefined);
  }

  /** Plays it to its end. */
  async play(): Promise<Outcome> {
    const { seed, up, down } = this.#schedule;
    const { witness } = this.#stage;
    witness.join(seed, (message) => this.#arrived("up", message));
    this.#device.connect(() => (this.#isSubscribed = true));
    await Promise.all([this.#publishAll(up), this.#publishAllDown(down)]);
    if (await this.#atRest()) await this.#publishLast();
    await this.#close();
    witness.leave(seed);
    return this.#outcome();
  }

  async #publishAll(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      if (step.pause > 0) await pause(step.pause);
      await this.#publishUp(step);
      this.#advance();
    }
  }

  async #publishAllDown(steps: readonly Step[]): Promise<void> {
    await until(() => this.#isSubscribed, PATIENCE); // what is published before goes nowhere
    for (const step of steps) {
      if (step.pause > 0) await pause(step.pause);
      this.#publishDown(step);
      this.#advance();
    }
  }

  async #publishUp(step: Step): Promise<void> {
    const message = this.#message("up", step);
    await this.#device.publish(message, step.fromSource, (identifier) => {
      const number = this.#up.send(message);
      this.#trace(() => `device publishes ${describeStep(step)}, number ${number}`);
      this.#connectionsOf.push({ first: this.#device.connections, last: Infinity });
      if (step.qos > 0) this.#underWay.set(identifier, number);
    });
  }

  #publishDown(step: Step): void {
    const message = this.#message("down", step);
    const number = this.#down.send(message);
    this.#trace(() => `witness publishes ${describeStep(step)}, number ${number}`);
    this.#stage.witness.publish(message, () => {
      if (message.qos > 0) this.#down.deliver(number);
    });
  }

  #message(direction: Direction, { topic, qos, size }: Step): LedgerMessage {
    const number = this.#ledgerOf(direction).sent.length;
    return { topic: topicOf(this.#schedule.seed, direction, topic), qos, payload: knownPayload(number, size) };
  }

  #advance(): void {
    this.#stage.onStep?.(++this.#steps);
  }

  /** Behind one last message each way, nothing can be under way that would come twice. */
  async #publishLast(): Promise<void> {
    const { clean } = this.#schedule;
    await this.#publishUp(LAST);
    this.#publishDown(LAST);
    const hasCome = (): boolean => this.#down.sent.some(({ topic, arrivals }) => topic.endsWith(LAST.topic) && arrivals > 0);
    for (let repeats = 1; clean && repeats < 100 && !hasCome(); repeats++) {
      await until(hasCome, REPEAT);
      if (!hasCome()) this.#publishDown(LAST);
    }
    await this.#atRest();
  }

  async #atRest(): Promise<boolean> {
    const isAtRest = (): boolean => this.#up.isSettled(this.#allowances("up")) && this.#down.isSettled(this.#allowances("down"));
    await until(isAtRest, PATIENCE);
    return isAtRest();
  }

  async #close(): Promise<void> {
    this.#device.close();
    await until(() => this.#device.isClosed, PATIENCE);
    if (!this.#device.isClosed) this.#violations.push({ what: "not at rest", detail: "close did not end the connection" });
  }

  #connected(sessionPresent: boolean): void {
    // Aedes takes a session without subscriptions for none.
    if (this.#schedule.clean || sessionPresent || !this.#isSubscribed) return;
    this.#violations.push({ what: "session lost", detail: `connection ${this.#device.connections}` });
  }

  #delivered(identifier: number): void {
    const number = this.#underWay.get(identifier);
    this.#trace(() => `device is told that ${identifier} is delivered, which is message ${number ?? "none"}`);
    if (number === undefined) {
      this.#violations.push({ what: "told as delivered twice", detail: `packet identifier ${identifier}` });
    } else {
      this.#underWay.delete(identifier);
      this.#up.deliver(number);
      this.#connectionsOf[number].last = this.#device.connections;
      if (!this.#device.connected) this.#abandoned.add(number);
    }
  }

  #arrived(direction: Direction, message: LedgerMessage): void {
    const { topic, qos, payload } = message;
    const receiver = direction === "up" ? "witness" : "device";
    this.#trace(() => `${receiver} has QoS ${qos} message on ${topic}, number ${payload.at(0) ?? "none"}`);
    this.#ledgerOf(direction).arrive(message);
  }

  #ledgerOf(direction: Direction): Ledger {
    return direction === "up" ? this.#up : this.#down;
  }

  #allowances(direction: Direction): Allowances {
    if (!this.#schedule.clean) return { tells: direction === "up" };
    // A clean session ends with its connection (3.1.2.4): the server forgets what it has for the device.
    if (direction === "down") return { tells: false, mayBeLost: () => true };
    return { mayBeLost: ({ number }) => this.#abandoned.has(number), mayArrive: (message) => this.#mostArrivals(message) };
  }

  /** Without a session the server cannot tell a QoS 2 message that is sent again from another one. */
  #mostArrivals({ qos, number }: SentMessage): number {
    const { first, last } = this.#connectionsOf[number];
    if (qos === 0) return 1;
    return qos === 1 ? Infinity : 1 + last - first;
  }

  #outcome(): Outcome {
    return {
      seed: this.#schedule.seed,
      violations: [
        ...this.#violations,
        ...this.#up.violations(this.#allowances("up")),
        ...this.#down.violations(this.#allowances("down")),
      ],
      faults: this.#faults,
      sent: [...this.#up.sent, ...this.#down.sent],
      connections: this.#device.connections,
    };
  }
}

const LAST: Step = { pause: 0, topic: "last", qos: 2, size: 8, fromSource: false };

function describeStep({ topic, qos, size }: Step): string {
  return `QoS ${qos} message of ${size} bytes on ${topic}`;
}
