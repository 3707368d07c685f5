import { type PayloadSource, type QoS, type TopicFilter, wholeNumber, WOULD_BLOCK, wrong } from "../index.js";
import { type Client, type Message, Properties } from "../v5.js";
import { CORRELATION_DATA, copy, Exchange, FREE, isWhole, MAXIMUM, type MessageProperties, type Place, RESPONSE_TOPIC } from "./exchange.js";
import { NO_RESPONSE_TOPIC, TOO_LONG, TOO_MANY } from "./refusals.js";
import { type ResizableBytes, resizableBytes } from "../session/resizable-bytes.js";

const MAXIMUM_SIZE = 0xffff;

/** Bytes in front of a topic name: its length (1.5.4). */
const TOPIC_HEADER = 2;
/** Bytes in front of Correlation Data: the property's identifier, and a length. */
const DATA_HEADER = 3;

// States of places beside `FREE`.
const AT_HAND = 0;
const KEPT = 1;

/** What a `Responder` is made of. */
export interface ResponderOptions {
  /** What answers are sent with; connected or not. One of its `subscriptions` is taken. */
  client: Client;
  /** Topics of requests; `$share/<name>/<filter>` for one of several responders that share the work. */
  filter: TopicFilter | string;
  /** The highest quality of service that requests are to come with. Default 0. */
  qos?: QoS;
  /** Requests that can be kept to be answered later, and the one at hand, 1 to 256. Default 1. */
  requests?: number;
  /** Bytes of the longest Response Topic, 1 to 65,535. Default 128. Costs as many bytes and 19 slots for each of `requests`. */
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

/** A place for what an answer takes of its request. Serves as the topic of the answer, which has no alias. */
interface AnswerPlace extends Place {
  /** The Response Topic, as it stands in a PUBLISH. */
  readonly bytes: ResizableBytes;
  /** The property Correlation Data, as it stands in a PUBLISH; nothing where the request has none. */
  readonly correlation: ResizableBytes;
}

/**
 * Properties of answers, made by `properties` of a `Responder` for itself alone: with each answer it writes over what is
 * behind them, which no other `Properties` allow. A client needs nothing of them once `publish` has returned, but for topics
 * with an alias, to which these are never given.
 */
export interface AnswerProperties extends Properties {
  /** As they stand in a packet, with as much Correlation Data behind them as the request has. */
  readonly bytes: ResizableBytes;
  /** Where the Correlation Data begin. */
  readonly end: number;
}

/** Takes requests and answers them (MQTT 5.0, 4.10), in fixed memory: an answer allocates nothing, where publishing the same does not. */
export class Responder extends Exchange<AnswerPlace> {
  private readonly options: ResponderOptions;
  private readonly correlationSize: number;
  private readonly prepared: AnswerProperties;
  /** The request whose message is at hand, or has come in in part. */
  private current: AnswerPlace | undefined;

  /**
   * Subscribes to the requests. What the server has against that is told to the client's `onError`.
   * @throws MqttError `ERR_ARGUMENT` that names the option that is wrong, `client` too when it has no room for another
   *   subscription; `ERR_TOPIC_FILTER`; and what `subscribe` throws.
   */
  constructor(options: ResponderOptions) {
    super(options.client, options.filter);
    const count = wholeNumber(options, "requests", 1, 1, MAXIMUM);
    const topicSize = TOPIC_HEADER + wholeNumber(options, "topicSize", 128, 1, MAXIMUM_SIZE);
    const correlationSize = DATA_HEADER + wholeNumber(options, "correlationSize", 64, 0, MAXIMUM_SIZE);
    this.options = options;
    this.correlationSize = correlationSize;
    this.prepared = this.properties(options.properties);
    while (this.places.length < count)
      this.places.push({
        number: this.firstNumber,
        state: FREE,
        bytes: resizableBytes(topicSize),
        correlation: resizableBytes(correlationSize),
      });
    this.subscribe(options.qos);
  }

  /**
   * Prepares properties, to be given to any number of answers. Costs their bytes, `correlationSize` and about 13 slots.
   * @throws MqttError `ERR_ARGUMENT`.
   */
  properties(given: MessageProperties = {}): AnswerProperties {
    const properties = new Properties(given);
    const end = properties.bytes.length;
    const bytes = resizableBytes(end + this.correlationSize);
    bytes.set(properties.bytes);
    return Object.assign(properties, { bytes, end });
  }

  /**
   * Answers a request, which is over then: publishes to its Response Topic, with its Correlation Data. `payload` and `qos`
   * are as `publish` of the client takes them, and cost what they do there.
   * @param properties from the method of that name. Default: those of the options.
   * @returns what `publish` does; after `WOULD_BLOCK` the request is still there, and may be kept for another attempt.
   * @throws MqttError as `publish` does, after which the request is still there; `ERR_ARGUMENT` when there is no such request.
   */
  respond(request: number, payload: Uint8Array | string | PayloadSource, qos: QoS = 0, properties = this.prepared): number {
    const place = this.find(request);
    const correlation = place.correlation;
    const bytes = properties.bytes;
    bytes.buffer.resize(properties.end + correlation.length);
    bytes.set(correlation, properties.end);
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- a topic is its bytes
    const identifier = this.client.publish(place, payload, qos, false, properties);
    if (identifier !== WOULD_BLOCK) place.state = FREE;
    return identifier;
  }

  /** Keeps a request to be answered later: until `respond` or `cancel`. @throws MqttError `ERR_ARGUMENT` when there is no such request. */
  keep(request: number): void {
    this.find(request).state = KEPT;
  }

  private find(request: number): AnswerPlace {
    const place = this.placeOf(request);
    if (!place) throw wrong("request", "one at hand, or kept");
    return place;
  }

  protected take(message: Message): void {
    if (message.offset === 0) this.receive(message);
    const place = this.current;
    if (!place || place.state === FREE) return; // a later piece of what is over
    this.options.onRequest(place.number, message);
    if (place.state === AT_HAND && isWhole(message)) place.state = FREE;
  }

  /** Makes the request the current one, or refuses it. */
  private receive(message: Message): void {
    const properties = message.properties;
    if (this.current?.state === AT_HAND) this.current.state = FREE; // it has not come in whole, and never will
    this.current = undefined;
    const place = this.begin();
    let reason = TOO_MANY;
    if (place) {
      reason = TOO_LONG;
      if (copy(place.bytes, properties, RESPONSE_TOPIC, TOPIC_HEADER) && copy(place.correlation, properties, CORRELATION_DATA, DATA_HEADER)) {
        reason = NO_RESPONSE_TOPIC;
        if (place.bytes.length > 0) {
          place.state = AT_HAND;
          this.current = place;
          return;
        }
      }
    }
    this.options.onRefused?.(message, reason);
  }
}
