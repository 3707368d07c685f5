import { isSame, numberOf, type Message, type Traffic } from "./traffic.js";

/** What may be wrong with the messages of one direction. */
export const FAULTS = ["lost", "duplicated", "out of order", "foreign", "resurrected", "other"] as const;
export type Fault = (typeof FAULTS)[number];

/** Something that must not be. */
export interface Violation {
  readonly fault: Fault;
  readonly what: string;
}

/** Has gone out: not at all, perhaps (the power went meanwhile), for certain, and the sender was told that it has arrived. */
type Sending = "not sent" | "uncertain" | "accepted" | "delivered";

/**
 * What became of the messages of one direction, and what is wrong about that: QoS 1 at least once, QoS 2 exactly once, the
 * order of each topic kept, nothing that was not sent, nothing again of which the sender was told that it has arrived.
 */
export class Ledger {
  readonly violations: Violation[] = [];
  private readonly sendings: Sending[] = [];
  private readonly arrivals: number[] = [];
  /** The latest message that came for the first time, by lane. */
  private readonly latest = new Map<string, number>();

  /**
   * @param direction for people, such as "to the broker".
   * @param laneOf messages of one lane keep their order. Default: those of one topic.
   */
  constructor(
    private readonly direction: string,
    private readonly traffic: Traffic,
    private readonly laneOf: (message: Message) => string = ({ topic }) => topic,
  ) {}

  /** Notes how far a message has got on the side of its sender. */
  sent(number: number, sending: Sending): void {
    this.sendings[number] = sending;
  }

  /** Notes that a message has arrived. */
  arrived(topic: string, qos: number, payload: Uint8Array): void {
    const number = numberOf(payload);
    const message = this.traffic.message(number);
    const sending = this.sendings[number] ?? "not sent";
    if (!message || sending === "not sent" || !isSame(message, topic, qos, payload)) this.violate("foreign", number);
    else {
      if (sending === "delivered") this.violate("resurrected", number);
      const times = (this.arrivals[number] ?? 0) + 1;
      this.arrivals[number] = times;
      if (times === 1) this.checkOrder(message);
      else if (qos === 2) this.violate("duplicated", number);
    }
  }

  /** How many messages have arrived. */
  get arrivedCount(): number {
    return this.arrivals.filter((times) => times > 0).length;
  }

  /** The message with the highest number that was sent. */
  get last(): number {
    return Math.max(0, this.sendings.length - 1);
  }

  /** Whether all has arrived but for what is uncertain. */
  get isComplete(): boolean {
    for (let number = 1; number < this.sendings.length; number++) if (this.isMissing(number)) return false;
    return true;
  }

  /** Nothing is to come any more: what has not arrived is lost, unless the power went while it was sent. */
  close(): void {
    for (let number = 1; number < this.sendings.length; number++)
      if (this.isMissing(number)) this.violate("lost", number);
  }

  private isMissing(number: number): boolean {
    return (this.arrivals[number] ?? 0) === 0 && this.sendings[number] !== "uncertain";
  }

  private checkOrder(message: Message): void {
    const { number } = message;
    const lane = this.laneOf(message);
    const before = this.latest.get(lane) ?? 0;
    if (number < before) this.violate("out of order", number, `after message ${before}`);
    this.latest.set(lane, number);
  }

  private violate(fault: Fault, number: number, how = ""): void {
    const qos = this.traffic.message(number)?.qos ?? "?";
    this.violations.push({ fault, what: `QoS ${qos} message ${number} ${this.direction}: ${fault}${how && ` (${how})`}` });
  }
}
