import type { Codec, RequestedFilter } from "../codec/codec.js";
import { MqttError } from "../errors.js";
import { MAXIMUM_HEADER, packetSize } from "../wire/frame.js";
import type { TopicFilter } from "../wire/topic-filter.js";
import { decodeUtf8, LENGTH_SIZE } from "../wire/utf8.js";
import type { Message } from "./message.js";

/** From here on, a SUBACK's code says that the server refused the filter (3.9.3). */
const REFUSED = 0x80;

/** A filter that is, or is to be, subscribed to. */
export interface SubscriptionEntry extends RequestedFilter {
  readonly handler?: ((message: Message) => void) | undefined;
}

/** Gets the server's codes for a SUBSCRIBE, and none for an UNSUBSCRIBE. */
type Done = (codes: Uint8Array) => void;

/** A SUBSCRIBE or UNSUBSCRIBE that has not been answered. */
interface Request {
  readonly identifier: number;
  readonly entries: readonly SubscriptionEntry[];
  readonly subscribes: boolean;
  /** Absent where subscriptions are restored or nobody asked. */
  readonly done: Done | undefined;
  sent: boolean;
}

/**
 * What the session is subscribed to, and the requests about it that the server has not answered. All of this is on
 * the set-up path and may allocate, up to the fixed limit, but for `entries`, `has` and `write`.
 */
export class Subscriptions {
  /** Replaced, not changed, so that routing may go on while a handler subscribes. */
  entries: readonly SubscriptionEntry[] = [];
  private requests: Request[] = [];

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
    let at = requests.length - 1;
    while (at >= 0 && requests[at].identifier !== identifier) at--;
    return at >= 0;
  }

  /**
   * Asks to subscribe to filters, in place of equal ones.
   * @returns false when there is no room. @throws MqttError `ERR_PACKET_SIZE`.
   */
  subscribe(identifier: number, added: readonly SubscriptionEntry[], done: Done | undefined): boolean {
    const last = added.filter((entry, at) => !includes(added.slice(at + 1), entry)); // of equal filters
    const entries = this.entries.filter((entry) => !includes(added, entry)).concat(last);
    if (entries.length > this.limit || !this.request(identifier, added, true, done)) return false;
    this.entries = entries;
    return true;
  }

  /**
   * Asks to unsubscribe; handlers stay until the server has answered.
   * @returns false when there is no room. @throws MqttError `ERR_PACKET_SIZE`.
   */
  unsubscribe(identifier: number, filters: readonly RequestedFilter[], done: Done | undefined): boolean {
    return this.request(identifier, filters, false, done);
  }

  /** Writes the next request to send. @returns its length; 0, and nothing is allocated, when there is none. */
  write(codec: Codec, bytes: Uint8Array): number {
    const requests = this.requests;
    let at = 0;
    while (at < requests.length && requests[at].sent) at++;
    if (at === requests.length) return 0;
    const request = requests[at];
    request.sent = true;
    const { identifier, entries } = request;
    return request.subscribes ? codec.subscribe(bytes, identifier, entries) : codec.unsubscribe(bytes, identifier, entries);
  }

  /** Another connection begins: unanswered requests are sent again. */
  resume(): void {
    this.requests.forEach((request) => (request.sent = false));
  }

  /**
   * The server has lost the session: each filter is requested again, ahead of what is unanswered.
   * @param nextIdentifier gives a free packet identifier.
   */
  restart(nextIdentifier: () => number): void {
    const pending = this.requests.length;
    this.restore(this.entries.filter((entry) => !this.isPending(entry)), nextIdentifier);
    this.requests = this.requests.splice(pending).concat(this.requests);
  }

  /** With as few requests as halving finds. */
  private restore(lost: readonly SubscriptionEntry[], nextIdentifier: () => number): void {
    const half = lost.length >> 1;
    if (half > 0 && sizeOf(lost) > this.size) {
      this.restore(lost.slice(0, half), nextIdentifier);
      this.restore(lost.slice(half), nextIdentifier);
    } else if (lost.length > 0) this.add(nextIdentifier(), lost, true);
  }

  /**
   * Takes a SUBACK or UNSUBACK. One that answers nothing changes nothing.
   * @param report gets the refusals that nobody else is there to get.
   * @returns false when there is not one code for each filter.
   */
  answer(identifier: number, subscribes: boolean, codes: Uint8Array, report: (error: MqttError) => void): boolean {
    const index = this.requests.findIndex((it) => it.sent && it.identifier === identifier && it.subscribes === subscribes);
    if (index < 0) return true;
    const { entries, done } = this.requests[index];
    if (subscribes && codes.length !== entries.length) return false;
    this.requests.splice(index, 1);
    const gone = subscribes ? entries.filter((_, at) => codes[at] >= REFUSED) : this.unsubscribed(entries);
    this.entries = this.entries.filter((entry) => !gone.includes(entry));
    if (done) done(codes);
    else if (subscribes) gone.forEach(({ filter }) => report(refused(filter)));
    return true;
  }

  /** Entries with these filters, but for those that have been asked for anew meanwhile. */
  private unsubscribed(filters: readonly RequestedFilter[]): readonly SubscriptionEntry[] {
    return this.entries.filter((entry) => includes(filters, entry) && !this.isPending(entry));
  }

  /** Whether an unanswered request asks for it. */
  private isPending(entry: SubscriptionEntry): boolean {
    return this.requests.some(({ entries }) => entries.includes(entry));
  }

  private request(identifier: number, entries: readonly SubscriptionEntry[], subscribes: boolean, done?: Done): boolean {
    const size = sizeOf(entries);
    if (size > this.size) throw packetSize(size, this.size);
    if (this.requests.length >= this.limit) return false;
    this.add(identifier, entries, subscribes, done);
    return true;
  }

  private add(identifier: number, entries: readonly SubscriptionEntry[], subscribes: boolean, done?: Done): void {
    this.requests.push({ identifier, entries, subscribes, done, sent: false });
  }
}

function refused({ bytes }: TopicFilter): MqttError {
  const filter = decodeUtf8(bytes, LENGTH_SIZE, bytes.length);
  return new MqttError("ERR_SUBSCRIPTION_REFUSED", `the server refused the subscription to "${filter}"`, "server", REFUSED);
}

/** The most bytes that a request for these filters takes. */
function sizeOf(filters: readonly RequestedFilter[]): number {
  return filters.reduce((sum, { filter }) => sum + filter.bytes.length + 1, MAXIMUM_HEADER + 2);
}

/** Whether one of the filters is the entry's. */
function includes(filters: readonly RequestedFilter[], entry: RequestedFilter): boolean {
  return filters.some(({ filter }) => filter.equals(entry.filter));
}
