import type { QoS } from "mqtt-xs";
import { isEmpty } from "./topics.js";

/** The device's `packetSize`: larger messages go in pieces. */
export const PACKET_SIZE = 256;

/** The most bytes of a payload that is published as bytes, not as a source, if their number is a power of two. */
export const MOST_BYTES = 128;

/** The fewest bytes of a payload that is not empty: the message's number. */
export const FEWEST_BYTES = 4;

/** Of 256 messages: how many are published as bytes, and how many are about as large as a packet. The rest is larger. */
const BYTES = 240;
const ABOUT_A_PACKET = 12;

const LARGEST = 8_192;

/**
 * Which message has which quality of service and size: a third of them each of QoS 0, 1 and 2; from nothing to 8 kB. Device and
 * witness both know it, so that a number tells what its message has to be. Allocates nothing.
 */
export class Plan {
  readonly #seed: number;

  /** @param seed a whole number; another one makes another plan. */
  constructor(seed: number) {
    this.#seed = seed | 0;
  }

  /** The quality of service of a message. One that is empty has 1 or 2: without a promise there is nothing to check. */
  qos(number: number): QoS {
    const mixed = this.#mixed(number);
    return (isEmpty(number) ? 1 + (mixed & 1) : (mixed >>> 1) % 3) as QoS;
  }

  /** How many bytes a message's payload has. */
  size(number: number): number {
    if (isEmpty(number)) return 0;
    const mixed = this.#mixed(number);
    const kind = (mixed >>> 8) & 0xff;
    const any = mixed >>> 16;
    if (kind < BYTES) return FEWEST_BYTES << (kind % 6);
    return FEWEST_BYTES + (any % (kind < BYTES + ABOUT_A_PACKET ? 2 * PACKET_SIZE : LARGEST));
  }

  #mixed(number: number): number {
    const mixed = Math.imul(number ^ this.#seed, 0x9e3779b1);
    const more = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
    return more ^ (more >>> 13);
  }
}
