import { type QoS, type TopicFilter, WOULD_BLOCK, wrong } from "../index.js";
import type { Client, GivenProperties, Message, ReceivedProperties } from "../v5.js";
import type { ResizableBytes } from "../session/resizable-bytes.js";

// Identifiers of properties (2.2.2.2).
export const RESPONSE_TOPIC = 8;
export const CORRELATION_DATA = 9;

/** The state of a place that holds no request; all others are up to the kind of place. */
export const FREE = -1;

/** What a request, or an answer, can have besides Response Topic and Correlation Data. */
export type MessageProperties = Pick<
  GivenProperties,
  "payloadFormatIndicator" | "messageExpiryInterval" | "contentType" | "userProperties"
>;

/** The most places. */
export const MAXIMUM = 256;
/** Of the first place, which makes sure that no number is 0. */
const FIRST = MAXIMUM;
const STEP = 2 * MAXIMUM;

/** A place for a request, which bears the number of the one that it holds or has held last. */
export interface Place {
  number: number;
  state: number;
}

/** What `Requester` and `Responder` have in common: a subscription, and places for requests. */
export abstract class Exchange<P extends Place> {
  protected readonly client: Client;
  private readonly filter: TopicFilter | string;
  protected readonly places: P[] = [];

  constructor(client: Client, filter: TopicFilter | string) {
    this.client = client;
    this.filter = filter;
  }

  /** A message came in for the subscription, or a piece of one. */
  protected abstract take(message: Message): void;

  /** @throws MqttError `ERR_ARGUMENT` when the client has no room for another subscription. */
  protected subscribe(qos: QoS = 0): void {
    const handler = (message: Message): void => this.take(message);
    if (this.client.subscribe({ filter: this.filter, qos, handler }) === WOULD_BLOCK)
      throw wrong("client", "room for one more subscription");
  }

  /**
   * Ends a request without a word: it is not answered any more, or answers to it are not handed on. Allocates nothing.
   * @returns whether there was such a request.
   */
  cancel(request: number): boolean {
    const place = this.placeOf(request);
    if (place) place.state = FREE;
    return place !== undefined;
  }

  /**
   * Ends the subscription, for good. Its messages may come until the server has answered.
   * @returns what `unsubscribe` of the client does: after `WOULD_BLOCK` the subscription is still there.
   */
  close(): number {
    return this.client.unsubscribe(this.filter);
  }

  /** A number of 32 bits for the place that is added next, whose index is in the lowest 8. */
  protected get firstNumber(): number {
    // From anywhere, so that the answers to what was asked before a restart are not taken for others.
    return Math.floor(Math.random() * 0x80_0000) * STEP + FIRST + this.places.length;
  }

  /** Gives a free place its next number. Returns undefined when there is none. */
  protected begin(): P | undefined {
    const place = this.placeIn(FREE);
    if (place) place.number = (place.number + STEP) >>> 0;
    return place;
  }

  /** The first place in this state. */
  protected placeIn(state: number): P | undefined {
    const places = this.places;
    let at = places.length - 1;
    while (at >= 0 && places[at].state !== state) at--;
    return at < 0 ? undefined : places[at]; // below 0, an index is text
  }

  /** The place of the request with this number, if it is still there. */
  protected placeOf(number: number): P | undefined {
    const place = this.places[number & (MAXIMUM - 1)] as P | undefined;
    return place?.number === number && place.state !== FREE ? place : undefined;
  }
}

/** Whether this is all of the message, or the last piece of it. */
export function isWhole(message: Message): boolean {
  return message.offset + message.length === message.total;
}

/**
 * Copies a property's text or data, and so many bytes in front of it; nothing where the property is absent. Allocates nothing.
 * @returns false when there is no room.
 */
export function copy(target: ResizableBytes, properties: ReceivedProperties, identifier: number, header: number): boolean {
  const isThere = properties.number(identifier) !== undefined; // which goes to properties of any type
  const start = properties.start - header;
  const size = isThere ? properties.end - start : 0;
  if (size > target.buffer.maxByteLength) return false;
  target.buffer.resize(size);
  // No native copy from amid a buffer goes without a `subarray`.
  for (let at = 0; at < size; at++) target[at] = properties.bytes[start + at];
  return true;
}
