import type { Message } from "mqtt-xs";
import Sim from "sim";
import { contentByte, contentNumber } from "./content.js";
import type { Plan } from "./plan.js";
import { emptyNumber } from "./topics.js";

/** Takes the device's own messages as they come back, and tells the runner their numbers. Allocates nothing. */
export class Echo {
  readonly #plan: Plan;
  // In preloaded code, a text literal takes a chunk each time it is come across.
  readonly #whole = "echo";
  readonly #damaged = "damaged";
  /** By quality of service. */
  readonly #newest = new Uint32Array(3);
  #number = 0;
  #offset = 0;
  #isDamaged = false;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** The latest published of all that have come back. */
  get newest(): number {
    return Math.max(this.#newest[0], this.#newest[1], this.#newest[2]);
  }

  /** Takes a message that begins with its number, or a piece of one. @returns whether it is complete. */
  take(message: Message): boolean {
    if (message.offset === 0) this.#start(message);
    this.#check(message);
    this.#offset += message.length;
    if (this.#offset < message.total) return false;
    this.#finish(message);
    return true;
  }

  /** Takes an empty message, from one of their topics. */
  takeEmpty(topic: number, message: Message): void {
    this.#number = emptyNumber(topic, this.#newest[message.qos]);
    this.#isDamaged = message.total !== 0;
    this.#finish(message);
  }

  #start(message: Message): void {
    this.#number = contentNumber(message.bytes, message.start);
    this.#offset = 0;
    this.#isDamaged = message.total !== this.#plan.size(this.#number);
  }

  /** Looks at the first and the last byte of each piece; the witness looks at all. */
  #check({ bytes, start, end, offset, length }: Message): void {
    const isRight =
      offset === this.#offset &&
      bytes[start] === contentByte(this.#number, offset) &&
      bytes[end - 1] === contentByte(this.#number, offset + length - 1);
    if (!isRight) this.#isDamaged = true;
  }

  #finish({ qos }: Message): void {
    const number = this.#number;
    if (this.#isDamaged || qos !== this.#plan.qos(number)) Sim.report(this.#damaged, number);
    else {
      if (number > this.#newest[qos]) this.#newest[qos] = number;
      Sim.report(this.#whole, number);
    }
  }
}
