import type { Codec, RequestedFilter } from "../codec/codec.js";
import { SUBSCRIPTION_FAILURE } from "../codec/packet.js";
import { MqttError } from "../errors.js";
import type { QoS } from "../wire/quality-of-service.js";
import type { TopicFilter } from "../wire/topic-filter.js";
import type { Message } from "./message.js";

/** A filter that is, or is to be, subscribed to. */
export interface SubscriptionEntry extends RequestedFilter {
  readonly filter: TopicFilter;
  readonly qos: QoS;
  readonly handler: ((message: Message) => void) | undefined;
}

/** A SUBSCRIBE or UNSUBSCRIBE that has not been answered. */
interface Request {
  readonly identifier: number;
  readonly packet: Uint8Array;
  sent: boolean;
  /** A SUBSCRIBE's filters, in its order; of an UNSUBSCRIBE none. */
  readonly entries: readonly SubscriptionEntry[];
  /** An UNSUBSCRIBE's filters. */
  readonly filters: readonly TopicFilter[];
  /** Gets the server's codes; absent where subscriptions are restored or nobody asked. */
  readonly done: ((codes: Uint8Array) => void) | undefined;
}

const NONE: readonly never[] = [];

/**
 * What the session is subscribed to, and the requests about it that the server has not answered. All of this is on
 * the set-up path and may allocate, up to the fixed limit; only `entries` is read for each message.
 */
export class Subscriptions {
  /** Replaced, not changed, so that routing may go on while a handler subscribes. */
  entries: readonly SubscriptionEntry[] = NONE;
  #requests: Request[] = [];
  readonly #codec: Codec;
  readonly #limit: number;
  readonly #packetSize: number;

  /**
   * @param limit the most filters, and the most unanswered requests.
   * @param packetSize bytes of the largest packet that can be sent.
   */
  constructor(codec: Codec, limit: number, packetSize: number) {
    this.#codec = codec;
    this.#limit = limit;
    this.#packetSize = packetSize;
  }

  /** Whether an unanswered request has this packet identifier. */
  has(identifier: number): boolean {
    for (let at = 0; at < this.#requests.length; at++) if (this.#requests[at].identifier === identifier) return true;
    return false;
  }

  /**
   * Adds filters, in place of equal ones, and the request for them.
   * @returns false when there is no room. @throws MqttError `ERR_PACKET_SIZE`.
   */
  subscribe(identifier: number, added: readonly SubscriptionEntry[], done?: (codes: Uint8Array) => void): boolean {
    const kept = this.entries.filter((entry) => !added.some(({ filter }) => filter.equals(entry.filter)));
    if (kept.length + added.length > this.#limit || this.#requests.length >= this.#limit) return false;
    const packet = this.checkSize(this.#codec.subscribe(identifier, added));
    this.#requests.push({ identifier, packet, sent: false, entries: added, filters: NONE, done });
    this.entries = [...kept, ...added];
    return true;
  }

  /** Adds the request to unsubscribe; handlers stay until the server has answered. As `subscribe` otherwise. */
  unsubscribe(identifier: number, filters: readonly TopicFilter[], done?: (codes: Uint8Array) => void): boolean {
    if (this.#requests.length >= this.#limit) return false;
    const packet = this.checkSize(this.#codec.unsubscribe(identifier, filters));
    this.#requests.push({ identifier, packet, sent: false, entries: NONE, filters, done });
    return true;
  }

  /** The next packet to send, or undefined; it counts as sent once it was taken. */
  take(room: number): Uint8Array | undefined {
    for (let at = 0; at < this.#requests.length; at++) {
      const request = this.#requests[at];
      if (request.sent) continue;
      if (request.packet.length > room) return undefined;
      request.sent = true;
      return request.packet;
    }
    return undefined;
  }

  /** Another connection begins: unanswered requests are sent again. */
  resume(): void {
    for (const request of this.#requests) request.sent = false;
  }

  /**
   * The server has lost the session: all filters are requested again, ahead of what is unanswered.
   * @param nextIdentifier gives a free packet identifier.
   */
  restart(nextIdentifier: () => number): void {
    this.resume();
    const unanswered = this.#requests.flatMap(({ entries }) => entries);
    const lost = this.entries.filter((entry) => !unanswered.includes(entry));
    const restored: Request[] = [];
    for (let from = 0; from < lost.length; ) {
      const identifier = nextIdentifier();
      let to = lost.length;
      let packet = this.#codec.subscribe(identifier, lost.slice(from, to));
      while (packet.length > this.#packetSize) packet = this.#codec.subscribe(identifier, lost.slice(from, --to));
      restored.push({ identifier, packet, sent: false, entries: lost.slice(from, to), filters: NONE, done: undefined });
      from = to;
    }
    this.#requests = [...restored, ...this.#requests];
  }

  /**
   * Takes a SUBACK. One that answers nothing changes nothing.
   * @returns false when it has not one code for each filter.
   */
  granted(identifier: number, codes: Uint8Array, listener: { onError(error: MqttError): void }): boolean {
    const request = this.find(identifier, true);
    if (!request) return true;
    if (codes.length !== request.entries.length) return false;
    this.#requests = this.#requests.filter((other) => other !== request);
    const refused = request.entries.filter((_, at) => codes[at] >= SUBSCRIPTION_FAILURE);
    if (refused.length > 0) this.entries = this.entries.filter((entry) => !refused.includes(entry));
    if (request.done) request.done(codes);
    else for (const { filter } of refused) listener.onError(subscriptionRefused(filter));
    return true;
  }

  /** Takes an UNSUBACK. One that answers nothing changes nothing. */
  unsubscribed(identifier: number): void {
    const request = this.find(identifier, false);
    if (!request) return;
    this.#requests = this.#requests.filter((other) => other !== request);
    const awaited = this.#requests.flatMap(({ entries }) => entries); // subscribed to anew meanwhile: stays
    this.entries = this.entries.filter(
      (entry) => awaited.includes(entry) || !request.filters.some((filter) => filter.equals(entry.filter)),
    );
    request.done?.(new Uint8Array(0));
  }

  private find(identifier: number, subscribes: boolean): Request | undefined {
    return this.#requests.find(
      (request) => request.identifier === identifier && request.sent && request.entries.length > 0 === subscribes,
    );
  }

  private checkSize(packet: Uint8Array): Uint8Array {
    if (packet.length <= this.#packetSize) return packet;
    throw new MqttError("ERR_PACKET_SIZE", `the packet needs ${packet.length} bytes, packetSize is ${this.#packetSize}`);
  }
}

function subscriptionRefused(filter: TopicFilter): MqttError {
  const what = `the server refused the subscription to "${filter.toString()}"`;
  return new MqttError("ERR_SUBSCRIPTION_REFUSED", what, SUBSCRIPTION_FAILURE);
}
