import { type Clock, type ClockTimer, type PayloadSource, type QoS, type Topic, wholeNumber, WOULD_BLOCK } from "../index.js";
import { type Client, type Message, Properties } from "../v5.js";
import { CORRELATION_DATA, copy, Exchange, FREE, isWhole, MAXIMUM, type MessageProperties, type Place } from "./exchange.js";
import { resizableBytes } from "../session/resizable-bytes.js";

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
  /** Requests under way at the same time, 1 to 256. Costs about 5 slots each. Default 4. */
  requests?: number;
  /** Milliseconds to wait for a response, and for each further piece of one that comes in pieces, 1 to 2^31 - 1. Default 5,000. */
  timeout?: number;
  /** Properties of requests that are given no others. Default none. */
  properties?: MessageProperties;

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

/** Where a request is under way. Its state is the packet identifier that it may still be refused by, 0 where there is none. */
interface RequestPlace extends Place {
  /** When it was sent, or the latest piece of its response came in. */
  since: number;
}

declare const prepared: unique symbol;

/**
 * Properties of requests, made by `properties` of a `Requester` for itself alone: with each request it writes over the
 * Correlation Data at their end, which no other `Properties` allow. A client needs nothing of them once `publish` has
 * returned, but for topics with an alias at QoS 1 and 2, to which these are never given.
 */
export type RequestProperties = Properties & { readonly [prepared]: true };

/**
 * Sends requests and finds the responses to them (MQTT 5.0, 4.10), in fixed memory: a request allocates nothing, where
 * publishing the same does not.
 *
 * A request has a number, 1 or more, which no other has for a long time. Its lowest 8 bits are its place, from 0 to `requests - 1`,
 * for applications that keep something for each request.
 */
export class Requester extends Exchange<RequestPlace> {
  private readonly options: RequesterOptions;
  private readonly timeout: number;
  private readonly prepared: RequestProperties;
  /** Stands for topics that may have an alias. */
  private readonly plain: { -readonly [Member in keyof Topic]: Topic[Member] };
  /** Correlation Data, of a request or of what came in, and a view of them. */
  private readonly data = resizableBytes(NUMBER_SIZE);
  private readonly view = new DataView(this.data.buffer);
  private readonly timer: ClockTimer;
  /** Whether the timer runs, as it does while requests are under way and, once, after that. */
  private isTimed = false;

  /**
   * Subscribes to the response topic. What the server has against that is told to the client's `onError`.
   * @throws MqttError `ERR_ARGUMENT` that names the option that is wrong, `client` too when it has no room for another
   *   subscription; `ERR_TOPIC`; and what `subscribe` throws.
   */
  constructor(options: RequesterOptions) {
    super(options.client, options.responseTopic);
    const count = wholeNumber(options, "requests", 4, 1, MAXIMUM);
    this.options = options;
    this.timeout = wholeNumber(options, "timeout", 5_000, 1, LONGEST);
    this.prepared = this.properties(options.properties);
    this.plain = { bytes: this.prepared.bytes };
    while (this.places.push({ number: this.firstNumber, state: FREE, since: 0 }) < count);
    this.subscribe(options.qos);
    this.timer = options.clock.createTimer(() => this.expire());
  }

  /**
   * Prepares properties, to be given to any number of requests. Costs their bytes and about 12 slots.
   * @throws MqttError `ERR_ARGUMENT`, `ERR_TOPIC`.
   */
  properties(given?: MessageProperties): RequestProperties {
    const { responseTopic } = this.options;
    return new Properties({ ...given, responseTopic, correlationData: new Uint8Array(NUMBER_SIZE) }) as RequestProperties;
  }

  /**
   * Sends a request: `topic`, `payload` and `qos` are as `publish` of the client takes them, and cost what they do there.
   * Topic aliases are used with QoS 0 only.
   * @param properties from the method of that name. Default: those of the options.
   * @returns the request's number, 1 or more; or `WOULD_BLOCK`: as many as there may be are under way, or the client has no
   *   room, which then calls `onWritable`.
   * @throws MqttError as `publish` does.
   */
  request(topic: Topic | string, payload: Uint8Array | string | PayloadSource, qos: QoS = 0, properties = this.prepared): number {
    const place = this.begin();
    if (!place) return WOULD_BLOCK;
    const number = place.number;
    this.data.buffer.resize(NUMBER_SIZE);
    this.view.setUint32(0, number);
    properties.bytes.set(this.data, properties.bytes.length - NUMBER_SIZE);
    if (qos > 0 && (topic as Partial<Topic>).bytes) {
      // A message that waits is written again once an alias stands for its topic, by when the number may be another's.
      this.plain.bytes = (topic as Topic).bytes;
      topic = this.plain;
    }
    const identifier = this.client.publish(topic, payload, qos, false, properties);
    // Its payload may have been given up, and another request be here since.
    if (identifier < 0 || place.number !== number) return WOULD_BLOCK;
    place.state = identifier;
    place.since = this.options.clock.now();
    if (!this.isTimed) this.expire();
    return number;
  }

  /**
   * To be called by the client's `onDelivered`, with all that it is told, where requests have QoS 1 or 2: a request that the
   * server has refused ends with `onFailed`. Allocates nothing.
   * @returns the number of the request that this was about; 0 when it was none, or one that is over. With 0x10, for which the
   *   application may `cancel` it, nobody subscribes to its topic.
   */
  delivered(identifier: number, reasonCode: number): number {
    const place = this.placeIn(identifier);
    if (!place) return 0;
    const number = place.number;
    place.state = reasonCode < FAILED ? 0 : FREE; // the identifier may soon be that of something else
    if (reasonCode >= FAILED) this.options.onFailed?.(number, reasonCode);
    return number;
  }

  /**
   * Ends the subscription and all requests, without a word, for good: from now on `request` returns `WOULD_BLOCK`.
   * @returns what `unsubscribe` of the client does: after `WOULD_BLOCK` the subscription is still there, to no effect.
   */
  override close(): number {
    this.places.length = 0;
    this.timer.cancel();
    this.timer.release?.();
    return super.close();
  }

  /** Takes a message of the response topic. Late, repeated and foreign ones are none of ours. */
  protected take(message: Message): void {
    if (!copy(this.data, message.properties, CORRELATION_DATA, 0) || this.data.length < NUMBER_SIZE) return;
    const place = this.placeOf(this.view.getUint32(0));
    if (!place) return;
    place.since = this.options.clock.now();
    if (isWhole(message)) place.state = FREE;
    this.options.onResponse(place.number, message);
  }

  /** Ends the request that has waited for longest, if its time is up, and has itself called for the next. */
  private expire(): void {
    let left = Infinity;
    let oldest: RequestPlace | undefined;
    for (let at = 0; at < this.places.length; at++) {
      const place = this.places[at];
      const rest = this.timeout - ((this.options.clock.now() - place.since) >>> 0);
      if (place.state === FREE || rest >= left) continue;
      left = rest;
      oldest = place;
    }
    this.isTimed = oldest !== undefined;
    if (!oldest) return;
    this.timer.schedule(Math.max(0, left)); // first, so that it goes on should the callback throw
    if (left > 0) return;
    oldest.state = FREE;
    this.options.onTimeout?.(oldest.number);
  }
}
