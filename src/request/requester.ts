import { MqttError, type Clock, type ClockTimer, type PayloadSource, type QoS, type Topic, wholeNumber, WOULD_BLOCK } from "../index.js";
import type { Client, Message } from "../v5.js";
import { CorrelatedProperties, type MessageProperties } from "./correlated-properties.js";
import { type Numbered, placeOf, renumber } from "./numbered.js";
import { CORRELATION_DATA, DATA_HEADER, goTo } from "./received-property.js";

/** The Correlation Data are the request's number in so many bytes. */
const NUMBER_SIZE = 4;

/** The longest time that a 32-bit clock can tell from one in the past, in milliseconds. */
const LONGEST = 0x7fffffff;

/** From here on, reason codes say that something failed (2.4). */
const FAILED = 0x80;

/** What a `Requester` is made of. */
export interface RequesterOptions {
  /** What requests are sent with; connected or not. One of its `subscriptions` is taken. */
  client: Client;
  /** Time, from one of the hosts: as a rule the client's. */
  clock: Clock;
  /** Topic name that nobody else gets the responses of: as a rule with the client identifier in it. */
  responseTopic: string;
  /** The highest quality of service that responses are to come with. Default 0. */
  qos?: QoS;
  /** Requests under way at the same time, 1 to 65,535. Costs about 5 slots each. Default 4. */
  requests?: number;
  /** Milliseconds to wait for a response, and for each further piece of one that comes in pieces, 1 to 2^31 - 1. Default 5,000. */
  timeout?: number;
  /** Properties of requests that are given no others. Default none. */
  properties?: MessageProperties;
  /** Uniform in [0, 1), for the number that requests are counted from; default `Math.random`. */
  random?: () => number;

  /**
   * A response came in, or the next piece of one: the request is over with the last, already during that call. `message` is
   * as `Client` gives it to a subscription's handler.
   */
  onResponse: (request: number, message: Message) => void;
  /** No response came in time: the request is over. */
  onTimeout?: (request: number) => void;
  /** The server has refused the request with this reason code, 0x80 or more, as `delivered` was told: the request is over. */
  onFailed?: (request: number, reasonCode: number) => void;
}

/** A place for a request. */
interface Place extends Numbered {
  isUsed: boolean;
  /** When it was sent, or the latest piece of its response came in. */
  since: number;
  /** The packet identifier that it may still be refused by, or 0. */
  identifier: number;
}

/**
 * Sends requests and finds the responses to them (MQTT 5.0, 4.10), in fixed memory: requests allocate nothing, where
 * publishing the same does not.
 *
 * A request has a number, 1 or more, which no other one has for a long time. `(request - 1) % requests` is its place, from 0
 * to `requests - 1`, for an application that keeps something for each request.
 */
export class Requester {
  private readonly options: RequesterOptions;
  private readonly timeout: number;
  private readonly places: Place[] = [];
  private readonly prepared: CorrelatedProperties;
  /** Stands for a topic that has an alias. */
  private readonly plain: { -readonly [Member in keyof Topic]: Topic[Member] };
  /** Runs while requests are under way. Undefined: closed. */
  private timer: ClockTimer | undefined;
  private underWay = 0;

  /**
   * Subscribes to the response topic. What the server has against that is told to the client's `onError`.
   * @throws MqttError `ERR_ARGUMENT` that names the option that is wrong, `ERR_TOPIC`, `ERR_STATE` when the client has no room
   *   for another subscription; and what `subscribe` throws.
   */
  constructor(options: RequesterOptions) {
    const { client, clock, random = Math.random, responseTopic } = options;
    const count = wholeNumber(options, "requests", 4, 1, 0xffff);
    this.options = options;
    this.timeout = wholeNumber(options, "timeout", 5_000, 1, LONGEST);
    this.prepared = this.properties(options.properties);
    this.plain = { bytes: this.prepared.bytes };
    // From anywhere, so that the answers to what was asked before a restart are not taken for others.
    const first = Math.floor((random() * LONGEST) / count) * count;
    while (this.places.length < count)
      this.places.push({ number: first + this.places.length + 1, isUsed: false, since: 0, identifier: 0 });
    const handler = (message: Message): void => this.take(message);
    if (client.subscribe({ filter: responseTopic, qos: options.qos ?? 0, handler }) === WOULD_BLOCK)
      throw new MqttError("ERR_STATE", "client: has no room for another subscription", "caller");
    this.timer = clock.createTimer(() => this.expire());
  }

  /** How many requests are under way. */
  get count(): number {
    return this.underWay;
  }

  /**
   * Prepares properties, to be given to any number of requests. Costs their bytes and about 30 slots.
   * @throws MqttError `ERR_ARGUMENT`, `ERR_TOPIC`.
   */
  properties(given: MessageProperties = {}): CorrelatedProperties {
    return new CorrelatedProperties({ ...given, responseTopic: this.options.responseTopic }, NUMBER_SIZE);
  }

  /**
   * Sends a request: `topic`, `payload` and `qos` are as `publish` of the client takes them, and cost what they do there.
   * Topic aliases are used with QoS 0 only.
   * @param properties from the method of that name. Default: those of the options.
   * @returns the request's number, 1 or more; or `WOULD_BLOCK`: as many as there may be are under way, or the client has no
   *   room, which then calls `onWritable`.
   * @throws MqttError as `publish` does; `ERR_STATE` after `close`.
   */
  request(
    topic: Topic | string,
    payload: Uint8Array | string | PayloadSource,
    qos: QoS = 0,
    properties: CorrelatedProperties = this.prepared,
  ): number {
    const place = this.begin();
    if (!place) return WOULD_BLOCK;
    const number = place.number;
    let identifier: number = WOULD_BLOCK;
    write(number, properties);
    if (qos > 0 && (topic as Partial<Topic>).bytes) {
      // A message that waits is written again once an alias stands for its topic, by when the number may be another's.
      this.plain.bytes = (topic as Topic).bytes;
      topic = this.plain;
    }
    try {
      identifier = this.options.client.publish(topic, payload, qos, false, properties);
    } finally {
      if (identifier < 0) this.end(place); // also when it threw
    }
    place.identifier = identifier;
    return identifier < 0 ? WOULD_BLOCK : number;
  }

  /**
   * To be called by the client's `onDelivered`, with all that it is told, where requests have QoS 1 or 2: a request that the
   * server has refused ends with `onFailed`. Allocates nothing.
   * @returns the number of the request that this was about; 0 when it was none, or one that is over. With 0x10, for which the
   *   application may `cancel` it, nobody subscribes to its topic.
   */
  delivered(identifier: number, reasonCode: number): number {
    for (let at = 0; at < this.places.length; at++) {
      const place = this.places[at];
      if (!place.isUsed || place.identifier !== identifier) continue;
      const number = place.number;
      place.identifier = 0; // it may soon be that of something else
      if (reasonCode >= FAILED) {
        this.end(place);
        this.options.onFailed?.(number, reasonCode);
      }
      return number;
    }
    return 0;
  }

  /** Ends a request without a word: no response to it is handed on any more. Allocates nothing. @returns whether it was under way. */
  cancel(request: number): boolean {
    const place = placeOf(this.places, request);
    if (!place?.isUsed) return false;
    this.end(place);
    return true;
  }

  /**
   * Cancels all requests and ends the subscription, for good.
   * @returns what `unsubscribe` of the client does: after `WOULD_BLOCK`, the subscription is still there, to no effect.
   */
  close(): number {
    for (let at = 0; at < this.places.length; at++) this.places[at].isUsed = false;
    this.timer?.cancel();
    this.timer?.release?.();
    this.timer = undefined;
    return this.options.client.unsubscribe(this.options.responseTopic);
  }

  /** Takes a free place and gives it a new number. Returns undefined when there is none. */
  private begin(): Place | undefined {
    const { timer } = this;
    if (!timer) throw new MqttError("ERR_STATE", "request: the requester has been closed", "caller");
    let at = 0;
    while (at < this.places.length && this.places[at].isUsed) at++;
    if (at === this.places.length) return undefined;
    const place = this.places[at];
    renumber(place, this.places.length);
    place.isUsed = true;
    place.identifier = 0;
    place.since = this.options.clock.now();
    if (this.underWay++ === 0) timer.schedule(this.timeout);
    return place;
  }

  private end(place: Place): void {
    place.isUsed = false;
    if (--this.underWay === 0) this.timer?.cancel();
  }

  /** Takes a message of the response topic. Late, repeated and foreign ones are none of ours. */
  private take(message: Message): void {
    const place = placeOf(this.places, numberOf(message));
    if (!place?.isUsed) return;
    if (message.offset + message.length === message.total) this.end(place);
    else place.since = this.options.clock.now();
    this.options.onResponse(place.number, message);
  }

  /** Time has passed: ends the oldest request, if its time is up, and sees to the next. */
  private expire(): void {
    const now = this.options.clock.now();
    let oldest: Place | undefined;
    let age = -1;
    for (let at = 0; at < this.places.length; at++) {
      const place = this.places[at];
      if (!place.isUsed || (now - place.since) >>> 0 <= age) continue;
      age = (now - place.since) >>> 0;
      oldest = place;
    }
    const left = this.timeout - age;
    if (!oldest) return;
    if (left > 0) {
      this.timer?.schedule(left);
      return;
    }
    this.end(oldest);
    if (this.underWay > 0) this.timer?.schedule(0); // first, so that it goes on should the callback throw
    this.options.onTimeout?.(oldest.number);
  }
}

function write(number: number, properties: CorrelatedProperties): void {
  const bytes = properties.bytes;
  const at = properties.end + DATA_HEADER;
  bytes[at] = number >>> 24;
  bytes[at + 1] = number >>> 16;
  bytes[at + 2] = number >>> 8;
  bytes[at + 3] = number;
}

/** The number in the message's Correlation Data; 0 when these are not of ours. */
function numberOf(message: Message): number {
  const properties = message.properties;
  if (!goTo(properties, CORRELATION_DATA) || properties.end - properties.start !== NUMBER_SIZE) return 0;
  const bytes = properties.bytes;
  const at = properties.start;
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}
