import { MqttError, type PayloadSource, type QoS, type TopicFilter, wholeNumber, WOULD_BLOCK } from "../index.js";
import type { Client, Message } from "../v5.js";
import { CorrelatedProperties, type MessageProperties } from "./correlated-properties.js";
import { placeOf, renumber } from "./numbered.js";
import { LENGTH_SIZE, PendingRequest } from "./pending-request.js";
import { CORRELATION_DATA, DATA_HEADER, goTo, RESPONSE_TOPIC } from "./received-property.js";
import { NO_RESPONSE_TOPIC, TOO_LONG, TOO_MANY } from "./refusals.js";
import { copy } from "./resizable-bytes.js";

const MAXIMUM = 0xffff;

/** What a `Responder` is made of. */
export interface ResponderOptions {
  /** What answers are sent with; connected or not. One of its `subscriptions` is taken. */
  client: Client;
  /** Topics of requests; `$share/<name>/<filter>` for one of several responders that share the work. */
  filter: TopicFilter | string;
  /** The highest quality of service that requests are to come with. Default 0. */
  qos?: QoS;
  /** Requests that can be kept to be answered later, and the one at hand, 1 to 65,535. Default 1. */
  requests?: number;
  /** Bytes of the longest Response Topic, 1 to 65,535. Default 128. Costs as many bytes and 15 slots for each of `requests`. */
  topicSize?: number;
  /** Bytes of the longest Correlation Data, 0 to 65,535. Default 64. Costs as many bytes for each of `requests`. */
  correlationSize?: number;
  /** Properties of answers that are given no others. Default none. */
  properties?: MessageProperties;

  /**
   * A request came in, or the next piece of one: `respond` during the last of these calls, or `keep` it for later. A request
   * that is neither answered nor kept is over when the last of its calls returns; of one that was answered before, no other
   * piece is handed on. One that breaks off with its connection begins anew, as another request, or does not come again.
   */
  onRequest: (request: number, message: Message) => void;
  /**
   * A request came in that cannot be answered: `NO_RESPONSE_TOPIC`, `TOO_LONG` or `TOO_MANY` says why. Called once, with its
   * first piece. `message.reasonCode` may be set, to have the server know.
   */
  onRefused?: (message: Message, reason: number) => void;
}

/** Takes requests and answers them (MQTT 5.0, 4.10), in fixed memory: answers allocate nothing, where publishing the same does not. */
export class Responder {
  private readonly options: ResponderOptions;
  private readonly correlationSize: number;
  private readonly places: PendingRequest[] = [];
  private readonly prepared: CorrelatedProperties;
  /** The request whose message is at hand, or which has come in in part. */
  private current: PendingRequest | undefined;
  private isClosed = false;

  /**
   * Subscribes to the requests. What the server has against that is told to the client's `onError`.
   * @throws MqttError `ERR_ARGUMENT` that names the option that is wrong, `ERR_TOPIC_FILTER`, `ERR_STATE` when the client has
   *   no room for another subscription; and what `subscribe` throws.
   */
  constructor(options: ResponderOptions) {
    const count = wholeNumber(options, "requests", 1, 1, MAXIMUM);
    const topicSize = wholeNumber(options, "topicSize", 128, 1, MAXIMUM);
    this.options = options;
    this.correlationSize = wholeNumber(options, "correlationSize", 64, 0, MAXIMUM);
    this.prepared = this.properties(options.properties);
    while (this.places.push(new PendingRequest(this.places.length + 1, topicSize, this.correlationSize)) < count);
    const handler = (message: Message): void => this.take(message);
    if (options.client.subscribe({ filter: options.filter, qos: options.qos ?? 0, handler }) === WOULD_BLOCK)
      throw new MqttError("ERR_STATE", "client: has no room for another subscription", "caller");
  }

  /**
   * Prepares properties, to be given to any number of answers. Costs their bytes, `correlationSize` and about 30 slots.
   * @throws MqttError `ERR_ARGUMENT`.
   */
  properties(given: MessageProperties = {}): CorrelatedProperties {
    return new CorrelatedProperties(given, this.correlationSize);
  }

  /**
   * Answers a request, which is over then: publishes to its Response Topic, with its Correlation Data. `payload` and `qos`
   * are as `publish` of the client takes them, and cost what they do there.
   * @param properties from the method of that name. Default: those of the options.
   * @returns what `publish` does; after `WOULD_BLOCK` the request is still there, and may be kept for another attempt.
   * @throws MqttError as `publish` does, after which the request is still there; `ERR_STATE` when there is no such request.
   */
  respond(
    request: number,
    payload: Uint8Array | string | PayloadSource,
    qos: QoS = 0,
    properties: CorrelatedProperties = this.prepared,
  ): number {
    const place = this.find(request);
    const correlation = place.correlation;
    const bytes = properties.bytes;
    bytes.buffer.resize(properties.end + correlation.length);
    bytes.set(correlation, properties.end);
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- a topic is its bytes
    const identifier = this.options.client.publish(place, payload, qos, false, properties);
    if (identifier !== WOULD_BLOCK) this.release(place);
    return identifier;
  }

  /** Keeps a request to be answered later: until `respond` or `drop`. @throws MqttError `ERR_STATE` when there is no such request. */
  keep(request: number): void {
    this.find(request).isKept = true;
  }

  /** Lets go of a request that will not be answered. @throws MqttError `ERR_STATE` when there is no such request. */
  drop(request: number): void {
    this.release(this.find(request));
  }

  /**
   * Ends the subscription, for good. Requests that are kept can still be answered.
   * @returns what `unsubscribe` of the client does: after `WOULD_BLOCK`, the subscription is still there, to no effect.
   */
  close(): number {
    this.isClosed = true;
    return this.options.client.unsubscribe(this.options.filter);
  }

  private find(request: number): PendingRequest {
    const place = placeOf(this.places, request);
    if (place && (place.isKept || place === this.current)) return place;
    throw new MqttError("ERR_STATE", `request ${request}: expected one that is kept, or at hand`, "caller");
  }

  private release(place: PendingRequest): void {
    place.isKept = false;
    if (place === this.current) this.current = undefined;
  }

  private take(message: Message): void {
    if (this.isClosed) return;
    if (message.offset === 0) this.claim(message);
    const place = this.current;
    if (!place) return; // a later piece of what is over
    try {
      this.options.onRequest(place.number, message);
    } finally {
      if (message.offset + message.length === message.total) this.current = undefined;
    }
  }

  /** Makes the request the current one, or refuses it. One that has not come in whole until now never will. */
  private claim(message: Message): void {
    const properties = message.properties;
    this.current = undefined;
    let at = 0;
    while (at < this.places.length && this.places[at].isKept) at++;
    const place: PendingRequest | undefined = this.places[at];
    let reason = 0;
    if (!goTo(properties, RESPONSE_TOPIC)) reason = NO_RESPONSE_TOPIC;
    else if (at === this.places.length) reason = TOO_MANY;
    else if (!copy(place.bytes, properties.bytes, properties.start - LENGTH_SIZE, properties.end)) reason = TOO_LONG;
    else {
      place.correlation.buffer.resize(0);
      if (goTo(properties, CORRELATION_DATA) && !copy(place.correlation, properties.bytes, properties.start - DATA_HEADER, properties.end))
        reason = TOO_LONG;
    }
    if (reason > 0) this.options.onRefused?.(message, reason);
    else {
      renumber(place, this.places.length);
      this.current = place;
    }
  }
}
