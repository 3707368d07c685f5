import type { Codec, PacketProperties, RequestedFilter } from "../codec/codec.js";
import { MqttError, violation } from "../errors.js";
import { MAXIMUM_HEADER, packetSize } from "../wire/frame.js";
import { SUBACK, SUBSCRIBE } from "../wire/packet-type.js";
import type { TopicFilter } from "../wire/topic-filter.js";
import type { Message } from "./message.js";
import type { SessionEvents } from "./session-events.js";

/** From here on, a SUBACK's code says that the server refused the filter (3.9.3). */
const REFUSED = 0x80;

/** A filter that is, or is to be, subscribed to. */
export interface SubscriptionEntry extends RequestedFilter {
  readonly handler?: ((message: Message) => void) | undefined;
}

/** Gets the server's codes for a SUBSCRIBE, and none for an UNSUBSCRIBE. */
export type Done = (codes: Uint8Array) => void;

/** A SUBSCRIBE or UNSUBSCRIBE that has not been answered. */
export interface Request {
  readonly identifier: number;
  /** Its packet type; the answer's is the next one. */
  readonly type: number;
  readonly entries: readonly SubscriptionEntry[];
  /** Absent where subscriptions are restored or nobody asked. */
  readonly done?: Done | undefined;
  sent: boolean;
}

/**
 * What the session is subscribed to, and the requests about it that the server has not answered. All of this is on
 * the set-up path and may allocate, up to the fixed limit, but for `entries`, `has` and `write`.
 */
export class Subscriptions {
  /** Replaced, not changed, so that routing may go on while a handler subscribes. */
  entries: readonly SubscriptionEntry[] = [];
  /** Those that have not been answered, in their order. */
  requests: Request[] = [];

  /**
   * @param limit the most filters, and the most unanswered requests.
   * @param size bytes of the largest packet that can be sent.
   */
  constructor(
    private readonly limit: number,
    private readonly size: number,
  ) {}

  /** Whether an unanswered request has this packet identifier. Allocates nothing. */
  has(identifier: number): boolean {
    const requests = this.requests;
    let at = requests.length;
    while (at > 0) if (requests[--at].identifier === identifier) return true;
    return false;
  }

  /**
   * Asks to subscribe to filters, in place of equal ones, or to unsubscribe; handlers then stay until the server has
   * answered.
   * @param type SUBSCRIBE or UNSUBSCRIBE.
   * @returns false when there is no room. @throws MqttError `ERR_PACKET_SIZE`.
   */
  request(identifier: number, type: number, entries: readonly SubscriptionEntry[], done: Done | undefined): boolean {
    const size = entries.reduce((sum, { filter }) => sum + filter.bytes.length + 1, MAXIMUM_HEADER + 2);
    if (size > this.size) throw packetSize(size, this.size);
    const all = type === SUBSCRIBE ? this.entries.concat(entries).filter(isLastOfEqual) : this.entries;
    if (all.length > this.limit || this.requests.length >= this.limit) return false;
    this.entries = all;
    this.requests.push({ identifier, type, entries, done, sent: false });
    return true;
  }

  /** Writes the next request to send. @returns its length; 0, and nothing is allocated, when there is none. */
  write<Properties extends PacketProperties>(codec: Codec<Properties>, bytes: Uint8Array): number {
    const requests = this.requests;
    for (let at = 0; at < requests.length; at++) {
      const request = requests[at];
      if (request.sent) continue;
      request.sent = true;
      return codec.request(bytes, request.type, request.identifier, request.entries);
    }
    return 0;
  }

  /** Another connection begins: unanswered requests are sent again. */
  resume(): void {
    this.requests.forEach((request) => (request.sent = false));
  }

  /**
   * The server has lost the session: each filter is requested again, ahead of what is unanswered.
   * @param nextIdentifier gives a free packet identifier, another one at each call.
   */
  restart(nextIdentifier: () => number): void {
    this.requests = this.entries
      .filter((entry) => !this.isPending(entry))
      .map((entry): Request => ({ identifier: nextIdentifier(), type: SUBSCRIBE, entries: [entry], sent: false }))
      .concat(this.requests);
  }

  /**
   * Takes a SUBACK or UNSUBACK. One that answers nothing changes nothing.
   * @param events is told the refusals that nobody else is there to get.
   * @returns what is wrong, when there is not one code for each filter of a SUBSCRIBE.
   */
  answer(identifier: number, type: number, codes: Uint8Array, events: Pick<SessionEvents, "onError">): MqttError | undefined {
    const request = this.requests.find((it) => it.sent && it.identifier === identifier && it.type === type - 1);
    if (!request) return undefined;
    const subscribed = type === SUBACK;
    // An UNSUBACK has codes since MQTT 5.0.
    if (codes.length !== request.entries.length && (subscribed || codes.length > 0))
      return violation("an answer without one code for each filter");
    this.requests = this.requests.filter((it) => it !== request);
    const isGone = (entry: SubscriptionEntry): boolean =>
      subscribed
        ? codes[request.entries.indexOf(entry)] >= REFUSED
        : request.entries.some((it, at) => !(codes[at] >= REFUSED) && it.filter.equals(entry.filter));
    // What has been asked for anew meanwhile stays.
    this.entries = this.entries.filter((entry) => !isGone(entry) || this.isPending(entry));
    if (request.done) request.done(codes);
    else codes.forEach((code, at) => code >= REFUSED && events.onError?.(refused(request.entries[at].filter, code)));
    return undefined;
  }

  /** Whether an unanswered request asks for it. */
  private isPending(entry: SubscriptionEntry): boolean {
    return this.requests.some((request) => request.entries.includes(entry));
  }
}

function refused(filter: TopicFilter, code: number): MqttError {
  return new MqttError("ERR_SUBSCRIPTION_REFUSED", `the server refused "${String(filter)}"`, "server", code);
}

function isLastOfEqual(entry: SubscriptionEntry, at: number, all: readonly SubscriptionEntry[]): boolean {
  return !all.some((other, index) => index > at && other.filter.equals(entry.filter));
}
