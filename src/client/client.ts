import type { Codec, PacketProperties } from "../codec/codec.js";
import { v3 } from "../codec/v3.js";
import { MqttError, wrong } from "../errors.js";
import { CLOSED, CONNECTED, CONNECTING, DISCONNECTING, OPENING, Session, WAITING, WOULD_BLOCK } from "../session/session.js";
import type { Done, SubscriptionEntry } from "../session/subscriptions.js";
import { SUBSCRIBE, UNSUBSCRIBE } from "../wire/packet-type.js";
import { checkQoS } from "../wire/quality-of-service.js";
import { TopicFilter } from "../wire/topic-filter.js";
import { backoff } from "./backoff.js";
import type { ClockTimer } from "./clock.js";
import { checkFunctions, type ClientOptions, type Subscription, wholeNumber } from "./options.js";
import type { TransportListener } from "./transport.js";

/** Milliseconds for what is written and the DISCONNECT to leave, when the network is slow. */
const CLOSE_TIMEOUT = 5_000;

const MAXIMUM = 0xffff;
/** Half of all packet identifiers: the other half is left for subscriptions. */
const HALF = 0x7fff;
/** The longest time that a 32-bit clock can tell from one in the past, in milliseconds: 24 days. */
const LONGEST = 0x7fffffff;

// Keep alive (3.1.2.10) is watched in ticks, so that sending a packet need not ask for the time. A PINGREQ is due after
// the 6th tick of silence, between 75 and 90 % of Keep Alive; a server that is silent for another 4 is gone, at 150 %
// at the latest, when the server itself would give up.
export const TICK = 150; // milliseconds, per second of Keep Alive
const SILENT_TICKS = 6;
const PATIENT_TICKS = 4;

/** What the callbacks get of a packet's contents in versions that have more of them. */
interface ConnectionEvents {
  onConnect?: (sessionPresent: boolean, received: unknown) => void;
  onDisconnect?: (error: MqttError | undefined, received: unknown) => void;
}

/**
 * An MQTT client that keeps itself connected.
 *
 * All memory is taken by the constructor; see `ClientOptions` for what each limit costs. Publishing, receiving,
 * acknowledging and keeping alive allocate nothing, given prepared topics and payloads that are bytes. Everything else
 * says what it allocates. Callbacks may call any method, `close` included. The methods that begin with "on" are for the
 * transport.
 */
export class Client<Properties extends PacketProperties = never> extends Session<Properties> implements TransportListener {
  // The `#` keeps the password in here out of what debuggers and consoles print of a client.
  readonly #options: ClientOptions & ConnectionEvents;
  protected tick: number;
  private readonly connectTimeout: number;
  private readonly reconnectPeriod: number;
  private readonly reconnectMaximum: number;
  private readonly stableAfter: number;
  private readonly timer: ClockTimer;
  private failures = 0;
  /** When CONNECT went out, and when the last tick was. */
  private begunAt = 0;
  private tickedAt = 0;

  /**
   * @param codec for modules that bring another version of the protocol, such as `mqtt-xs/v5`.
   * @throws MqttError `ERR_ARGUMENT` that names the option that is wrong, `ERR_TOPIC`, or `ERR_PACKET_SIZE`.
   */
  constructor(options: ClientOptions, codec: Codec<Properties> = v3) {
    checkFunctions(options);
    const { transport, clock } = options;
    super(codec, transport, {
      packetSize: wholeNumber(options, "packetSize", 512, 32, transport.writeLimit),
      inflight: wholeNumber(options, "inflight", 4, 1, HALF),
      receiveMaximum: wholeNumber(options, "receiveMaximum", 64, 1, MAXIMUM),
      subscriptions: wholeNumber(options, "subscriptions", 8, 1, HALF),
      clean: options.clean !== false || !options.clientId,
    }, options);
    this.#options = options;
    this.tick = wholeNumber(options, "keepalive", 60, 0, MAXIMUM) * TICK;
    this.connectTimeout = wholeNumber(options, "connectTimeout", 30_000, 1, LONGEST);
    this.reconnectPeriod = wholeNumber(options, "reconnectPeriod", 1_000, 0, LONGEST);
    this.reconnectMaximum = wholeNumber(options, "reconnectMaximum", 60_000, 1, LONGEST);
    this.stableAfter = wholeNumber(options, "stableAfter", 10_000, 0, LONGEST);
    this.writeConnect(this.input); // to have it throw now what is wrong
    this.input.fill(0); // no credential stays where a console would print it
    this.timer = clock.createTimer(() => this.timeout());
  }

  /** Whether the server has accepted the connection, and it is still up as far as is known. */
  get connected(): boolean {
    return this.state === CONNECTED;
  }

  /**
   * Connects, and goes on connecting after every failure until `close`.
   * @throws MqttError `ERR_STATE` when it has been called already.
   */
  connect(): void {
    if (this.state >= DISCONNECTING) this.closed(undefined); // what has not left by now stays behind
    if (this.state !== CLOSED) throw new MqttError("ERR_STATE", "connect: already called, and not closed since", "caller");
    this.failures = 0;
    this.open();
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
    const added = list(subscriptions).map((it) => ({
      filter: prepared(it.filter),
      qos: checkQoS(it.qos ?? 0, "qos"),
      handler: it.handler,
    }));
    return this.request(SUBSCRIBE, added, done);
  }

  /**
   * Ends subscriptions, by filters equal to those subscribed to. Handlers may be called until `done` is. Allocates.
   * @returns and throws as `subscribe`.
   */
  unsubscribe(filters: TopicFilter | string | readonly (TopicFilter | string)[], done?: () => void): number {
    const removed = list(filters).map((it): SubscriptionEntry => ({ filter: prepared(it), qos: 0 }));
    return this.request(UNSUBSCRIBE, removed, done);
  }

  protected request(type: number, entries: readonly SubscriptionEntry[], done: Done | undefined): number {
    const identifier = this.nextIdentifier();
    if (!this.subscriptions.request(identifier, type, entries, done)) return WOULD_BLOCK;
    this.sendMore();
    return identifier;
  }

  /** A `PayloadSource` that had no bytes ready has some now. */
  resume(): void {
    if (this.receiving) this.sendMore();
    else if (!this.reading) this.onReadable();
  }

  /**
   * Closes: what has been written and a DISCONNECT leave, and no other attempt to connect follows; then `onDisconnect`
   * is called without an error. In the midst of a message sent in pieces there can be no DISCONNECT, so the server
   * publishes the will. Messages that are not delivered stay, for the next `connect`. Harmless when closed.
   */
  close(): void {
    if (this.state === CLOSED || this.state >= DISCONNECTING) return;
    if (!this.disconnect()) this.closed(undefined);
    else {
      this.timer.schedule(CLOSE_TIMEOUT);
      this.flush();
    }
  }

  // ---- the transport ---------------------------------------------------------------------------------------------

  onOpen(): void {
    this.begunAt = this.#options.clock.now();
    this.begin();
  }

  onReadable(): void {
    try {
      this.receive();
    } finally {
      // A callback's exception is the host's to report; what is behind it wants to be taken all the same.
      if (this.receiving) this.soon();
    }
    if (this.outputLength > 0 || this.more) this.flush();
    if (this.wants > 0) this.notify();
  }

  onWritable(): void {
    this.onReadable();
    if (this.state === CONNECTING && this.outputLength === 0) this.output.fill(0); // of credentials that had found no room
  }

  onClose(error: MqttError): void {
    this.lost(error);
  }

  // ---- connection ------------------------------------------------------------------------------------------------

  private open(): void {
    this.state = OPENING;
    this.timer.schedule(this.connectTimeout);
    try {
      this.#options.transport.open(this);
    } catch (cause) {
      this.lost(new MqttError("ERR_SOCKET", `the connection could not be opened: ${String(cause)}`, "network"));
    }
  }

  protected writeConnect(output: Uint8Array): number {
    return this.codec.connect(output, this.#options);
  }

  protected accepted(sessionPresent: boolean): void {
    const tick = this.tick;
    // Silence began with CONNECT; however long CONNACK took, the server has not given up.
    this.tickedAt = this.#options.clock.now() - Math.min(this.elapsed(this.begunAt), SILENT_TICKS * tick);
    if (tick > 0) this.keepAlive();
    else this.timer.cancel();
    this.#options.onConnect?.(sessionPresent, this.codec.received);
  }

  /** Milliseconds since a time, also when the clock has wrapped in between. */
  protected elapsed(since: number): number {
    return (this.#options.clock.now() - since) >>> 0;
  }

  /** The attempt or the connection failed: another one follows, unless it was about to end anyway. */
  protected lost(error: MqttError): void {
    const state = this.state;
    const reconnectPeriod = this.reconnectPeriod;
    if (state <= WAITING) return;
    if (state >= DISCONNECTING) this.closed(undefined);
    else if (reconnectPeriod === 0) this.closed(error);
    else {
      this.failures = state === CONNECTED && this.elapsed(this.begunAt) >= this.stableAfter ? 1 : this.failures + 1;
      const { random = Math.random, transport } = this.#options;
      this.end(WAITING);
      transport.close();
      this.timer.schedule(backoff(this.failures, reconnectPeriod, this.reconnectMaximum, random()));
      this.#options.onDisconnect?.(error, this.codec.received);
    }
  }

  private closed(error: MqttError | undefined): void {
    this.end(CLOSED);
    this.timer.cancel();
    this.#options.transport.close();
    this.#options.onDisconnect?.(error, this.codec.received);
  }

  private timeout(): void {
    const state = this.state;
    if (state === WAITING) this.open();
    else if (state === CONNECTED) {
      if (this.tick > 0) this.keepAlive(); // first, so that it goes on should a callback throw
      this.onReadable(); // in case one has thrown before and left received bytes behind
    } else if (state >= DISCONNECTING) this.closed(undefined);
    else if (state >= OPENING) this.lost(new MqttError("ERR_CONNECT_TIMEOUT", "the server did not accept in time", "network"));
  }

  private keepAlive(): void {
    const tick = this.tick;
    const elapsed = this.elapsed(this.tickedAt);
    const late = elapsed % tick;
    const passed = elapsed - late;
    this.timer.schedule(tick - late);
    if (passed === 0) return; // the timer was wanted for something else in between
    this.tickedAt += passed;
    this.silence += passed / tick; // several after a sleep
    if (this.pinging > 0) this.pinging++;
    if (this.silence >= SILENT_TICKS + PATIENT_TICKS || this.pinging > PATIENT_TICKS)
      this.lost(new MqttError("ERR_KEEPALIVE_TIMEOUT", "the server does not answer", "network"));
    else if (this.pinging === 0 && this.silence >= SILENT_TICKS) this.ping();
  }

  // ---- events ----------------------------------------------------------------------------------------------------

  /** Calls the handler of every subscription that the topic matches, in the order they were made, or `onMessage`. */
  protected deliver(): void {
    const message = this.message;
    const entries = this.subscriptions.entries;
    let handled = false;
    for (let at = 0; at < entries.length; at++) {
      const entry = entries[at];
      if (!entry.handler || !entry.filter.matches(message.bytes, message.view, message.topicStart, message.topicEnd)) continue;
      handled = true;
      entry.handler(message);
    }
    if (!handled) this.#options.onMessage?.(message);
  }

  protected soon(): void {
    if (this.state === CONNECTED) this.timer.schedule(0);
  }

  protected disconnected(): void {
    this.closed(undefined);
  }
}

function list<Item>(items: Item | readonly Item[]): readonly Item[] {
  const all = [items].flat() as Item[];
  if (all.length === 0) throw wrong("filter", "at least one");
  return all;
}

function prepared(filter: TopicFilter | string): TopicFilter {
  return filter instanceof TopicFilter ? filter : new TopicFilter(filter);
}
