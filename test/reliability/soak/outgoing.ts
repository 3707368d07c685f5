import { type PayloadSource, type QoS, type Topic, WOULD_BLOCK } from "mqtt-xs";
import { Content, writeContent } from "./content.js";
import { FEWEST_BYTES, MOST_BYTES, type Plan } from "./plan.js";
import { EMPTY_TOPIC, EMPTY_TOPICS, emptyTopic, NUMBERED_TOPIC } from "./topics.js";

/** What is needed of a client. */
export interface Publisher {
  publish(topic: Topic, payload: Uint8Array | PayloadSource, qos: QoS): number;
}

/** Publishes the messages of a plan, from memory that is taken once: bytes, and sources that stay as they are while in use. */
export class Outgoing {
  readonly #plan: Plan;
  readonly #client: Publisher;
  readonly #topic: Topic;
  readonly #emptyTopics: readonly Topic[];
  readonly #nothing = new Uint8Array(0);
  /** By their lengths' logarithms: 4, 8, 16 and so on. */
  readonly #bytes: readonly Uint8Array[];
  readonly #contents: readonly Content[];
  /** For QoS 0: one that may be on its way, and one that is not, because the client has taken the other since. */
  #passing = new Content();
  #passed = new Content();

  /** @param inflight the client's. */
  constructor(plan: Plan, client: Publisher, inflight: number, makeTopic: (name: string) => Topic) {
    this.#plan = plan;
    this.#client = client;
    this.#topic = makeTopic(NUMBERED_TOPIC);
    this.#emptyTopics = Array.from({ length: EMPTY_TOPICS }, (_, index) => makeTopic(`${EMPTY_TOPIC}${index}`));
    this.#bytes = Array.from({ length: logarithm(MOST_BYTES) + 1 }, (_, index) => new Uint8Array(FEWEST_BYTES << index));
    this.#contents = Array.from({ length: inflight }, () => new Content());
  }

  /** Publishes a message. @returns as `Client.publish`. */
  publish(number: number): number {
    const qos = this.#plan.qos(number);
    const size = this.#plan.size(number);
    if (size === 0) return this.#client.publish(this.#emptyTopics[emptyTopic(number)], this.#nothing, qos);
    if (size <= MOST_BYTES && (size & (size - 1)) === 0) return this.#publishBytes(number, size, qos);
    return qos === 0 ? this.#pass(number, size) : this.#store(number, size, qos);
  }

  /** A message of QoS 1 or 2 is delivered. */
  delivered(identifier: number): void {
    for (let at = 0; at < this.#contents.length; at++) {
      const content = this.#contents[at];
      if (content.identifier === identifier) content.identifier = 0;
    }
  }

  #publishBytes(number: number, size: number, qos: QoS): number {
    const bytes = this.#bytes[logarithm(size)];
    writeContent(number, bytes, 0, size, 0);
    return this.#client.publish(this.#topic, bytes, qos);
  }

  #pass(number: number, size: number): number {
    const content = this.#passed.become(number, size);
    const result = this.#client.publish(this.#topic, content, 0);
    if (result !== WOULD_BLOCK) {
      this.#passed = this.#passing;
      this.#passing = content;
    }
    return result;
  }

  #store(number: number, size: number, qos: QoS): number {
    for (let at = 0; at < this.#contents.length; at++) {
      const content = this.#contents[at];
      if (content.identifier > 0) continue;
      const result = this.#client.publish(this.#topic, content.become(number, size), qos);
      if (result !== WOULD_BLOCK) content.identifier = result;
      return result;
    }
    return WOULD_BLOCK; // until the next is delivered
  }
}

/** Of a power of two from `FEWEST_BYTES` on, which itself has 0. */
function logarithm(size: number): number {
  return Math.clz32(FEWEST_BYTES) - Math.clz32(size);
}
