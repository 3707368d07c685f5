import type { Codec } from "../codec/codec.js";
import { v3 } from "../codec/v3.js";
import { MqttError } from "../errors.js";
import type { PayloadSource } from "../session/payload-source.js";
import { Session, WOULD_BLOCK } from "../session/session.js";
import type { QoS } from "../wire/quality-of-service.js";
import { Topic } from "../wire/topic.js";
import { TopicFilter } from "../wire/topic-filter.js";
import { encodeUtf8 } from "../wire/utf8.js";
import { backoff } from "./backoff.js";
import { checkConnect, checkQoS, checkSettings, type Settings } from "./check-options.js";
import type { ClockTimer } from "./clock.js";
import type { ClientOptions, Subscription } from "./options.js";
import { route } from "./router.js";
import type { TransportListener } from "./transport.js";

/** What the client is doing; each state but the first has one deadline, which the one timer is set to. */
const CLOSED = 0;
const OPENING = 1; // the stream, then CONNACK, until connectTimeout
const CONNECTED = 2; // until the next check of keep alive
const CLOSING = 3; // DISCONNECT waits for room, until CLOSE_TIMEOUT
const WAITING = 4; // until the next attempt

/** Milliseconds for what is written and the DISCONNECT to leave, when the network is slow. */
const CLOSE_TIMEOUT = 5_000;

/**
 * An MQTT client that keeps itself connected.
 *
 * All memory is taken by the constructor; see `ClientOptions` for what each limit costs. Publishing, receiving,
 * acknowledging and keeping alive allocate nothing, given prepared topics and payloads that are bytes. Everything else
 * says what it allocates. Callbacks may call any method, `close` included.
 */
export class Client {
  readonly #options: ClientOptions;
  readonly #settings: Settings;
  readonly #session: Session;
  readonly #timer: ClockTimer;
  readonly #transportListener: TransportListener;
  #state = CLOSED;
  #failures = 0;
  #connectedAt = 0;
  /** Inside `receive` or `flush`, which callbacks and payload sources may try to enter again. */
  #receiving = false;
  #flushing = false;
  /** What a `publish` found no room in: see `notify`. */
  #wantsSlot = false;
  #wantsRoom = false;

  /** @throws MqttError `ERR_ARGUMENT` that names the option that is wrong, or `ERR_PACKET_SIZE`. */
  constructor(options: ClientOptions) {
    const settings = checkSettings(options);
    this.#options = options;
    this.#settings = settings;
    const codec: Codec = v3;
    const connect = codec.connect(checkConnect(options, settings));
    if (connect.length > settings.packetSize)
      throw new MqttError("ERR_PACKET_SIZE", `packetSize: CONNECT needs ${connect.length} bytes, not ${settings.packetSize}`);
    this.#session = new Session(settings, codec, connect, {
      onConnected: (sessionPresent) => this.connectedNow(sessionPresent),
      onMessage: (message) => {
        if (!route(this.#session.subscriptions.entries, message)) options.onMessage?.(message);
      },
      onDelivered: (identifier) => options.onDelivered?.(identifier),
      onError: (error) => options.onError?.(error),
      onFailure: (error) => {
        this.flush(); // acknowledgements of what came before, as when it had come by itself
        this.fail(error);
      },
    });
    this.#timer = options.clock.createTimer(() => this.timeout());
    this.#transportListener = {
      onOpen: () => {
        this.#session.begin(options.clock.now());
        this.flush();
      },
      onReadable: () => this.receive(),
      onWritable: () => this.receive(),
      onClose: (error) => this.fail(error),
    };
  }

  /** Whether the server has accepted the connection, and it is still up as far as is known. */
  get connected(): boolean {
    return this.#state === CONNECTED;
  }

  /** How many QoS 1 and 2 messages are not delivered yet. */
  get inflight(): number {
    return this.#session.inflight;
  }

  /**
   * Connects, and goes on connecting after every failure until `close`.
   * @throws MqttError `ERR_STATE` when it has been called already.
   */
  connect(): void {
    if (this.#state === CLOSING) this.closed(undefined); // what has not left by now stays behind
    if (this.#state !== CLOSED) throw new MqttError("ERR_STATE", "connect: already called, and not closed since");
    this.#failures = 0;
    this.open();
  }

  /**
   * Publishes a message. QoS 1 and 2 messages are kept until they are delivered, from before the first connection and
   * across any number of reconnects.
   *
   * Allocates nothing, given a `Topic` and bytes or a `PayloadSource`. A topic as text costs what `new Topic` does; text
   * as payload costs its UTF-8 bytes and about 8 slots.
   *
   * @param payload of any size. What does not fit `packetSize` is sent in pieces, other messages waiting meanwhile;
   *   the bytes, or the source, must then stay as they are until the message is delivered, or with QoS 0 sent.
   * @returns the packet identifier (1 to 65,535) that `onDelivered` will tell, or 0 for QoS 0, or `WOULD_BLOCK`: no
   *   slot is free or, with QoS 0, the client is not connected or the socket is full. `onWritable` follows.
   * @throws MqttError `ERR_TOPIC`, `ERR_ARGUMENT`, or `ERR_PACKET_SIZE` when no settings of a server could make it fit.
   */
  publish(topic: Topic | string, payload: Uint8Array | string | PayloadSource, qos: QoS = 0, retain = false): number {
    const name = topic instanceof Topic ? topic : new Topic(topic);
    const content = typeof payload === "string" ? utf8(payload) : payload;
    checkQoS(qos, "qos");
    if (!(content.length >= 0)) throw new MqttError("ERR_ARGUMENT", "payload: expected text, bytes or a PayloadSource");
    let identifier = this.#session.publish(name, content, qos, retain);
    // Acknowledgements may fill the room while messages are being received: send them, and try once more.
    if (identifier === WOULD_BLOCK && this.flush()) identifier = this.#session.publish(name, content, qos, retain);
    if (identifier === WOULD_BLOCK) this.want(qos);
    else this.flush();
    return identifier;
  }

  /**
   * Subscribes to one or more filters with one SUBSCRIBE, now or as soon as there is a connection; and again whenever
   * the server has lost the session. A filter subscribed to before is replaced. Allocates.
   *
   * @param done gets one code for each filter, in their order: the granted QoS, or 0x80 for a refusal. Without it,
   *   `onError` gets the refusals.
   * @returns the packet identifier, or `WOULD_BLOCK` when `subscriptions` are in use or as many requests unanswered.
   * @throws MqttError `ERR_TOPIC_FILTER`, `ERR_ARGUMENT`, or `ERR_PACKET_SIZE`.
   */
  subscribe(subscriptions: Subscription | readonly Subscription[], done?: (codes: Uint8Array) => void): number {
    const entries = list(subscriptions, "subscribe").map(({ filter, qos = 0, handler }) => ({
      filter: prepared(filter),
      qos: checkQoS(qos, "qos"),
      handler,
    }));
    const identifier = this.#session.subscribe(entries, done);
    this.flush();
    return identifier;
  }

  /**
   * Ends subscriptions, by filters equal to those subscribed to. Handlers may be called until `done` is. Allocates.
   * @returns and throws as `subscribe`.
   */
  unsubscribe(filters: TopicFilter | string | readonly (TopicFilter | string)[], done?: () => void): number {
    const identifier = this.#session.unsubscribe(list(filters, "unsubscribe").map(prepared), done);
    this.flush();
    return identifier;
  }

  /** A `PayloadSource` that had no bytes ready has some now. */
  resume(): void {
    this.receive();
  }

  /**
   * Closes: what has been written and a DISCONNECT leave, and no other attempt to connect follows; then `onDisconnect`
   * is called without an error. In the midst of a message sent in pieces there can be no DISCONNECT, so the server
   * publishes the will. Messages that are not delivered stay, for the next `connect`. Harmless when closed.
   */
  close(): void {
    if (this.#state === CLOSED || this.#state === CLOSING) return;
    if (!this.#session.disconnect()) {
      this.closed(undefined);
      return;
    }
    this.#state = CLOSING;
    this.#timer.schedule(CLOSE_TIMEOUT);
    this.flush();
  }

  // ---- connection ------------------------------------------------------------------------------------------------

  private open(): void {
    this.#state = OPENING;
    this.#timer.schedule(this.#settings.connectTimeout);
    try {
      this.#options.transport.open(this.#transportListener);
    } catch (cause) {
      this.fail(new MqttError("ERR_SOCKET", `the connection could not be opened: ${String(cause)}`));
    }
  }

  private connectedNow(sessionPresent: boolean): void {
    this.#state = CONNECTED;
    this.#connectedAt = this.#options.clock.now();
    const { keepAliveInterval } = this.#session;
    this.scheduleKeepAlive(keepAliveInterval === 0 ? 0 : this.#session.checkKeepAlive(this.#connectedAt)); // since CONNECT
    this.#options.onConnect?.(sessionPresent);
  }

  /** The attempt or the connection failed: another one follows, unless it was about to end anyway. */
  private fail(error: MqttError): void {
    if (this.#state === CLOSING) this.closed(undefined);
    else if (this.#state === OPENING || this.#state === CONNECTED) this.disconnected(error);
  }

  private disconnected(error: MqttError): void {
    const { reconnectPeriod, reconnectMaximum, stableAfter } = this.#settings;
    const { clock, random = Math.random } = this.#options;
    if (reconnectPeriod === 0) {
      this.closed(error);
      return;
    }
    const lasted = (clock.now() - this.#connectedAt) >>> 0;
    this.#failures = this.#state === CONNECTED && lasted >= stableAfter ? 1 : this.#failures + 1;
    this.leave(WAITING);
    this.#timer.schedule(backoff(this.#failures, reconnectPeriod, reconnectMaximum, random()));
    this.#options.onDisconnect?.(error);
  }

  private closed(error: MqttError | undefined): void {
    this.leave(CLOSED);
    this.#timer.cancel();
    this.#options.onDisconnect?.(error);
  }

  private leave(state: number): void {
    this.#state = state;
    this.#session.end();
    this.#options.transport.close();
  }

  private timeout(): void {
    switch (this.#state) {
      case OPENING:
        this.fail(new MqttError("ERR_CONNECT_TIMEOUT", "the server did not accept the connection in time"));
        break;
      case CONNECTED:
        this.keepAlive(); // first, so that it stays scheduled should a callback throw
        this.receive(); // in case one threw before and left received bytes behind
        break;
      case CLOSING:
        this.closed(undefined);
        break;
      case WAITING:
        this.open();
        break;
    }
  }

  private keepAlive(): void {
    if (this.#state !== CONNECTED || this.#session.keepAliveInterval === 0) return;
    const wait = this.#session.checkKeepAlive(this.#options.clock.now());
    if (wait < 0) {
      this.fail(new MqttError("ERR_KEEPALIVE_TIMEOUT", "the server does not answer"));
      return;
    }
    this.scheduleKeepAlive(wait);
    this.flush();
  }

  private scheduleKeepAlive(wait: number): void {
    if (wait > 0) this.#timer.schedule(wait);
    else this.#timer.cancel();
  }

  // ---- bytes -----------------------------------------------------------------------------------------------------

  /** Takes what has come in, as far as its acknowledgements have room, and sends what there is to send. */
  private receive(): void {
    if (!this.#receiving) {
      this.#receiving = true;
      try {
        while (this.takeReceived() && this.read());
        this.#receiving = false;
      } finally {
        if (this.#receiving) this.interrupted();
      }
    }
    this.flush();
    this.notify();
  }

  /** Returns false when the next acknowledgement has no room even after sending what could be sent. */
  private takeReceived(): boolean {
    while (!this.#session.receive()) if (!this.flush() || this.#session.streaming) return false;
    return true;
  }

  private read(): boolean {
    const { decoder, online } = this.#session;
    if (!online) return false;
    const count = this.#options.transport.read(decoder.bytes, decoder.end, decoder.bytes.length);
    decoder.end += count;
    return count > 0;
  }

  /** A callback threw. The exception is the host's to report; the bytes behind still want to be taken. */
  private interrupted(): void {
    this.#receiving = false;
    if (this.#state === CONNECTED) this.#timer.schedule(0);
  }

  /** Sends what there is to send. Returns false when the socket took it only in part: `onWritable` follows. */
  private flush(): boolean {
    if (this.#flushing) return false; // called by a payload source
    this.#flushing = true;
    let sent = false;
    try {
      sent = this.send();
    } finally {
      this.#flushing = false;
    }
    if (sent && this.#state === CLOSING) this.closed(undefined);
    return sent;
  }

  private send(): boolean {
    const session = this.#session;
    const { transport, clock } = this.#options;
    while (session.pending()) {
      if (!transport.write(session.chunk, session.chunkLength)) return false;
      session.sent(clock.now());
    }
    return true;
  }

  private want(qos: QoS): void {
    if (qos === 0) this.#wantsRoom = true;
    else this.#wantsSlot = true;
  }

  /** Tells an application that was refused room that there is some. */
  private notify(): void {
    if (!(this.#wantsSlot && this.#session.hasSlot) && !(this.#wantsRoom && this.#session.idle)) return;
    this.#wantsSlot = this.#wantsRoom = false;
    this.#options.onWritable?.();
  }
}

function list<Item>(items: Item | readonly Item[], method: string): readonly Item[] {
  const all = (Array.isArray(items) ? items : [items]) as readonly Item[];
  if (all.length === 0) throw new MqttError("ERR_ARGUMENT", `${method}: expected at least one filter`);
  return all;
}

function prepared(filter: TopicFilter | string): TopicFilter {
  return filter instanceof TopicFilter ? filter : new TopicFilter(filter);
}

function utf8(text: string): Uint8Array {
  const bytes = encodeUtf8(text);
  if (!bytes) throw new MqttError("ERR_ARGUMENT", "payload: expected text without lone surrogates");
  return bytes;
}
