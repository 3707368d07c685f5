import type { QoS } from "mqtt-xs";
import type { Violation, Wrong } from "./violation.js";

/** A message, as it is sent and as it comes in. */
export interface LedgerMessage {
  readonly topic: string;
  readonly qos: QoS;
  readonly payload: Uint8Array;
}

/** A message that a client has taken to send. */
export interface SentMessage extends LedgerMessage {
  /** Counted from 0, in the order in which they were sent. */
  readonly number: number;
  /** How often the receiver got it. */
  readonly arrivals: number;
  /** How often the sender was told that it is delivered. */
  readonly deliveries: number;
}

/** What one direction of traffic may do. Everything else is a violation. */
export interface Allowances {
  /** Whether this message may never arrive, although its QoS is not 0. Default: none may. */
  readonly mayBeLost?: (message: SentMessage) => boolean;
  /** How often this message may arrive, where that is not unlimited: default once with QoS 0 and 2. */
  readonly mayArrive?: (message: SentMessage) => number;
  /** Whether the sender is told of deliveries. Default true. */
  readonly tells?: boolean;
}

type Entry = { -readonly [Key in keyof SentMessage]: SentMessage[Key] } & { firstArrival: number };

/**
 * What was sent in one direction, and what arrived there: finds every message that is lost, repeated, overtaken, altered
 * or foreign. Each message must differ from the others by its topic or by its payload.
 */
export class Ledger {
  readonly #sent: Entry[] = [];
  readonly #byContent = new Map<string, Entry>();
  readonly #foreign: string[] = [];
  #arrivals = 0;

  /** The messages that were taken to send. */
  get sent(): readonly SentMessage[] {
    return this.#sent;
  }

  /** A client has taken the message to send. @returns its number. */
  send(message: LedgerMessage): number {
    const number = this.#sent.length;
    const entry = { ...message, number, arrivals: 0, deliveries: 0, firstArrival: -1 };
    this.#sent.push(entry);
    this.#byContent.set(contentOf(message), entry);
    return number;
  }

  /** The sender was told that this message is delivered. */
  deliver(number: number): void {
    this.#sent[number].deliveries++;
  }

  /** The receiver got a message. */
  arrive(message: LedgerMessage): void {
    const entry = this.#byContent.get(contentOf(message));
    if (entry?.qos !== message.qos) {
      this.#foreign.push(describe(message));
      return;
    }
    entry.arrivals++;
    if (entry.arrivals === 1) entry.firstArrival = this.#arrivals++;
  }

  /** Whether each message that may not be lost has arrived, and is told as delivered. */
  isSettled({ mayBeLost = () => false, tells = true }: Allowances = {}): boolean {
    return this.#sent.every(
      (it) => it.qos === 0 || ((it.arrivals > 0 || mayBeLost(it)) && (it.deliveries > 0 || !tells)),
    );
  }

  /** All that went wrong, once nothing is under way any more. */
  violations({ mayBeLost = () => false, mayArrive = once, tells = true }: Allowances = {}): Violation[] {
    const found = (what: Wrong, entries: readonly Entry[]): Violation[] => entries.map((it) => ({ what, detail: account(it) }));
    const acknowledged = this.#sent.filter(({ qos }) => qos > 0);
    return [
      ...found("lost", acknowledged.filter((it) => it.arrivals === 0 && !mayBeLost(it))),
      ...found("duplicated", this.#sent.filter((it) => it.arrivals > mayArrive(it))),
      ...found("out of order", this.#overtaken()),
      ...found("never told as delivered", tells ? acknowledged.filter((it) => it.deliveries === 0) : []),
      ...found("told as delivered twice", this.#sent.filter((it) => it.deliveries > (it.qos > 0 ? 1 : 0))),
      ...this.#foreign.map((detail): Violation => ({ what: "foreign", detail })),
    ];
  }

  /** Messages that came after one of the same topic and QoS that was sent later (4.6); repetitions do not count. */
  #overtaken(): Entry[] {
    const latest = new Map<string, number>();
    return this.#sent
      .filter(({ arrivals }) => arrivals > 0)
      .sort((left, right) => left.firstArrival - right.firstArrival)
      .filter(({ topic, qos, number }) => {
        const line = `${qos} ${topic}`;
        const before = latest.get(line) ?? -1;
        latest.set(line, Math.max(before, number));
        return number < before;
      });
  }
}

/** QoS 1 may arrive any number of times. */
function once({ qos }: SentMessage): number {
  return qos === 1 ? Infinity : 1;
}

function contentOf({ topic, payload }: LedgerMessage): string {
  return `${topic} ${Buffer.from(payload).toString("latin1")}`;
}

function account(entry: Entry): string {
  const { number, arrivals, deliveries } = entry;
  return `${describe(entry)}, number ${number}, arrived ${arrivals}, told ${deliveries} times`;
}

function describe({ topic, qos, payload }: LedgerMessage): string {
  return `QoS ${qos} message of ${payload.length} bytes on ${topic}`;
}
