import {
  checkQoS,
  type ClockTimer,
  MqttError,
  packetSize,
  type PayloadSource,
  put,
  type QoS,
  Topic,
  utf8,
  viewOf,
  wholeNumber,
  WOULD_BLOCK,
  wrong,
} from "../index.js";
import { resizableBytes } from "../session/resizable-bytes.js";
import { ANY_QOS, QOS_SHIFT, RETAIN } from "../wire/packet-type.js";
import { EXPIRY_AT, FLAGS_AT, PROPERTIES_LENGTH_AT, QUEUED_AT, TOPIC_AT } from "./message-layout.js";
import type { QueueClient, QueuedProperties, QueueOptions } from "./options.js";
import { Part, QueuedPayload } from "./part.js";
import { Ring } from "./ring.js";
import { Seconds } from "./seconds.js";
import { StoredMessages } from "./stored-messages.js";
import type { WaitingMessages } from "./waiting-messages.js";

const LONGEST = 0x7fffffff;
const MAXIMUM_EXPIRY = 0xffffffff;
const POLICIES: readonly string[] = Object.freeze(["refuse", "drop-oldest", "drop-newest"]);
/** Of properties that may stand in any packet: those queued have been checked. */
const ANY_PACKET = -1;

/**
 * Keeps messages while there is no connection, in RAM or on the store of a session, and sends them in their order when there
 * is one, no faster than told.
 *
 *     const client = new Client({ …, onConnect: () => queue.drain(), onWritable: () => queue.drain() });
 *     const queue = new Queue({ client, clock, bytes: 8_192, whenFull: "drop-oldest", expiry: 3_600 });
 *     queue.publish(topic, payload, 1);
 *
 * A message that can be sent at once is; the others wait. From when it is sent, a message of QoS 1 or 2 is the client's,
 * which delivers it. Publishing and draining allocate nothing, given prepared topics and bytes, but for the first message
 * with properties.
 */
export class Queue<Properties extends QueuedProperties = never> {
  private readonly client: QueueClient<Properties>;
  private readonly options: QueueOptions<Properties>;
  private readonly waiting: WaitingMessages;
  /** The same, where it is on a store. */
  private readonly stored: StoredMessages | undefined;
  /** The message that is put in, or taken out. */
  private readonly message;
  private readonly view: DataView;
  private readonly topic: Part;
  private readonly payload: QueuedPayload;
  /** Made when it is needed. */
  private properties: Part & { packets?: number } | undefined;
  // Not the text, which would be copied to the heap each time it is compared with other text in flash.
  private readonly dropsOldest: boolean;
  private readonly dropsNewest: boolean;
  private readonly expiry: number;
  private readonly interval: number;
  private readonly seconds: Seconds;
  private readonly timer: ClockTimer;
  private isPausing = false;
  private isDraining = false;

  /** @throws MqttError `ERR_ARGUMENT` that names the option that is wrong. */
  constructor(options: QueueOptions<Properties>) {
    const { client, clock, session, whenFull = "refuse" } = options;
    if (!(client as Partial<typeof client> | undefined)?.publish) throw wrong("client", "a Client");
    if (!(clock as Partial<typeof clock> | undefined)?.createTimer) throw wrong("clock", "a Clock, from one of the hosts");
    if (!POLICIES.includes(whenFull)) throw wrong("whenFull", POLICIES.join(", "));
    const size = wholeNumber(options, "packetSize", 512, 32, 0xffff);
    const messages = wholeNumber(options, "messages", 32, 1, 8_191);
    const bytes = wholeNumber(options, "bytes", Math.max(4_096, size + 2), size + 2, 0xffffff);
    this.options = options;
    this.client = client;
    this.dropsOldest = whenFull === "drop-oldest";
    this.dropsNewest = whenFull === "drop-newest";
    this.expiry = wholeNumber(options, "expiry", 0, 0, MAXIMUM_EXPIRY);
    this.interval = wholeNumber(options, "interval", 0, 0, LONGEST);
    this.message = resizableBytes(size);
    this.view = viewOf(this.message);
    this.topic = new Part(size);
    this.payload = new QueuedPayload(this.message);
    this.stored = session && new StoredMessages(session, messages, size);
    this.waiting = this.stored ?? new Ring(bytes);
    this.seconds = new Seconds(clock, options.time, this.lastQueuedAt());
    this.timer = clock.createTimer(() => {
      this.isPausing = false;
      this.drain();
    });
  }

  /** How many messages wait. */
  get length(): number {
    return this.waiting.count;
  }

  /**
   * Sends a message now, when none waits and the client takes it, or as soon as that can be.
   * @param topic a `Topic`; text costs what `new Topic` does. @param payload bytes, text, or a source that is ready at once.
   * @param expiry seconds that it is worth being sent for; 0: for ever. Default: that of the options.
   * @returns whether it was sent or waits; if not, there was no room for it.
   * @throws MqttError `ERR_TOPIC`, `ERR_ARGUMENT`, or `ERR_PACKET_SIZE`.
   */
  publish(
    topic: Topic | string,
    payload: Uint8Array | string | PayloadSource,
    qos: QoS = 0,
    retain = false,
    expiry = this.expiry,
    properties?: Properties,
  ): boolean {
    if (!(topic as Partial<Topic>).bytes) topic = new Topic(topic as string);
    if (!(payload as Partial<Uint8Array>).buffer && !(payload as Partial<PayloadSource>).read) payload = utf8(payload as string);
    this.check(qos, expiry);
    const flags = (qos << QOS_SHIFT) | (retain ? RETAIN : 0);
    let length = this.compose(topic as Topic, payload as PayloadSource, flags, expiry, properties);
    if (this.waiting.count === 0 && !this.isPausing && this.client.connected && this.send(length) !== WOULD_BLOCK) return true;
    while (!this.waiting.push(this.message, length)) {
      if (!this.makeRoom()) return false;
      length = this.compose(topic as Topic, payload as PayloadSource, flags, expiry, properties);
    }
    return true;
  }

  /**
   * Sends what waits, as far as the client takes it: to be called by the client's `onConnect` and `onWritable`. Harmless at
   * any other time.
   */
  drain(): void {
    if (this.isDraining) return;
    this.isDraining = true;
    try {
      while (!this.isPausing && this.client.connected && this.sendFirst());
    } finally {
      this.isDraining = false;
    }
  }

  private check(qos: QoS, expiry: number): void {
    if (qos !== 1 && qos !== 2) {
      checkQoS(qos, "qos");
      if (this.stored) throw wrong("qos", "1 or 2, where the queue is stored");
    }
    if (!(expiry >= 0 && expiry <= MAXIMUM_EXPIRY)) throw wrong("expiry", "0 to 4294967295 seconds");
  }

  // ---- in --------------------------------------------------------------------------------------------------------

  /** Puts the message together. Returns its length. */
  private compose(
    topic: Topic,
    payload: Uint8Array | PayloadSource,
    flags: number,
    expiry: number,
    properties: Properties | undefined,
  ): number {
    const message = this.message;
    message[FLAGS_AT] = flags;
    this.view.setUint32(QUEUED_AT, this.seconds.now());
    this.view.setUint32(EXPIRY_AT, expiry);
    this.view.setUint16(PROPERTIES_LENGTH_AT, properties ? properties.bytes.length : 0);
    let at = put(message, TOPIC_AT, topic.bytes);
    if (properties) at = put(message, at, properties.bytes);
    const end = at + payload.length;
    if (end > message.length) throw packetSize(end, message.length);
    if ((payload as Partial<Uint8Array>).buffer) message.set(payload as Uint8Array, at);
    else if (payload.length > 0 && (payload as PayloadSource).read(message, at, end, 0) !== payload.length)
      throw wrong("payload", "one that is ready at once");
    return end;
  }

  /** Gives up a message that waits, if that may be. Returns false when the new one is to be given up. */
  private makeRoom(): boolean {
    const isExpired = this.waiting.first(this.message) >= 0 && this.isExpired();
    const isOldestDropped = isExpired || (this.dropsOldest && this.waiting.count > 0);
    if (isOldestDropped) this.waiting.shift();
    if (isOldestDropped || this.dropsNewest) this.options.onDropped?.(isExpired);
    return isOldestDropped;
  }

  /** When the last of the messages was queued that have waited since before the start; times go on from there. */
  private lastQueuedAt(): number {
    const length = this.stored ? this.stored.readLast(this.message) : -1;
    return length < 0 ? 1 : this.view.getUint32(QUEUED_AT) || 1;
  }

  // ---- out -------------------------------------------------------------------------------------------------------

  /** Sends the first message that waits, or gives it up. Returns false when there is none, or it has to wait. */
  private sendFirst(): boolean {
    const { waiting } = this;
    const length = waiting.first(this.message);
    if (length < 0) return false;
    const isExpired = this.isExpired();
    if (!isExpired && !this.move(length)) return false;
    waiting.shift();
    if (isExpired) this.options.onDropped?.(true);
    else this.pause();
    return true;
  }

  private isExpired(): boolean {
    const expiry = this.view.getUint32(EXPIRY_AT);
    const queuedAt = this.view.getUint32(QUEUED_AT);
    const now = this.seconds.now();
    return expiry > 0 && queuedAt > 0 && now - queuedAt >= expiry;
  }

  /** Has the next message wait for its turn. */
  private pause(): void {
    if (this.interval === 0) return;
    this.isPausing = true;
    this.timer.schedule(this.interval);
  }

  /** Gives the first message to the client, which may also refuse it. Returns false when it has to wait. */
  private move(length: number): boolean {
    const { session, onError } = this.options;
    if (session) session.origin = this.stored?.origin ?? 0;
    try {
      return this.send(length) !== WOULD_BLOCK;
    } catch (error) {
      if (!(error instanceof MqttError)) throw error;
      onError?.(error);
      return true;
    } finally {
      if (session) session.origin = 0;
    }
  }

  /** Gives the message at hand to the client. Returns `WOULD_BLOCK` when it has to wait. */
  private send(length: number): number {
    const message = this.message;
    const flags = message[FLAGS_AT];
    const topicEnd = TOPIC_AT + 2 + this.view.getUint16(TOPIC_AT);
    const start = topicEnd + this.view.getUint16(PROPERTIES_LENGTH_AT);
    const properties = start > topicEnd ? this.takeProperties(topicEnd, start) : undefined;
    this.topic.take(message, TOPIC_AT, topicEnd);
    try {
      const qos = ((flags & ANY_QOS) >> QOS_SHIFT) as QoS;
      return this.client.publish(this.topic, this.payload.set(start, length), qos, (flags & RETAIN) > 0, properties);
    } catch (error) {
      if (error instanceof MqttError && error.code === "ERR_STORE") return WOULD_BLOCK;
      throw error;
    } finally {
      this.topic.release();
      this.properties?.release();
    }
  }

  private takeProperties(start: number, end: number): Properties {
    this.properties ??= Object.assign(new Part(this.message.length), { packets: ANY_PACKET });
    this.properties.take(this.message, start, end);
    return this.properties as object as Properties;
  }
}
