import type { Codec } from "../codec/codec.js";
import { type Packet, violation } from "../codec/packet.js";
import { MqttError } from "../errors.js";
import {
  CONNACK,
  DISCONNECT,
  DUP,
  PINGREQ,
  PINGRESP,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  PUBREL,
  QOS_MASK,
  QOS_SHIFT,
  RETAIN,
  SUBACK,
} from "../wire/packet-type.js";
import type { QoS } from "../wire/quality-of-service.js";
import type { Topic } from "../wire/topic.js";
import type { TopicFilter } from "../wire/topic-filter.js";
import { MAXIMUM_REMAINING_LENGTH } from "../wire/variable-byte-integer.js";
import { BROKEN, Decoder, NEED_DATA } from "./decoder.js";
import { DONE } from "./delivery.js";
import { Inbox } from "./inbox.js";
import { KeepAlive, SEND_PINGREQ } from "./keep-alive.js";
import { ReceivedMessage } from "./message.js";
import { Outbox, type OutgoingMessage, PUBREL_FIRST_BYTE } from "./outbox.js";
import { type PayloadSource, readPayload, readWholePayload } from "./payload-source.js";
import { resizableBytes } from "./resizable-bytes.js";
import { type SubscriptionEntry, Subscriptions } from "./subscriptions.js";

/** Returned when there is no room now; `onWritable` says when to try again. */
export const WOULD_BLOCK = -1;

/** Bytes of a PUBACK, PUBREC, PUBREL or PUBCOMP. */
const ACKNOWLEDGEMENT_SIZE = 4;

/** How far the session has come on the present connection. */
const OFFLINE = 0;
const CONNECTING = 1; // CONNECT is out, CONNACK is awaited
const CONNECTED = 2;
const DISCONNECTING = 3; // DISCONNECT is the last that goes out

/** What a session is made of; all of it checked before. */
export interface SessionLimits {
  packetSize: number;
  inflight: number;
  receiveMaximum: number;
  subscriptions: number;
  keepalive: number;
  clean: boolean;
}

/** What a session tells its owner, which may call back into the session at once. */
export interface SessionListener {
  /** CONNACK accepted the connection. */
  onConnected(sessionPresent: boolean): void;
  /** A message, or a piece of one, came in. */
  onMessage(message: ReceivedMessage): void;
  /** A QoS 1 or 2 message has been delivered. */
  onDelivered(identifier: number): void;
  /** Something went wrong that does not end the connection. */
  onError(error: MqttError): void;
  /** The connection must be closed. */
  onFailure(error: MqttError): void;
}

/**
 * The protocol engine, without I/O: bytes and time come in, bytes and events go out. It outlives connections, as the
 * standard's session does (MQTT 3.1.1, 4.1). Nothing but the constructor, `begin` and (un)subscribing allocates.
 *
 * Bytes in: read them to `decoder.bytes` from `decoder.end` on, then call `receive`.
 * Bytes out: while `pending()`, send `chunk` up to `chunkLength`, then call `sent`.
 */
export class Session {
  readonly decoder: Decoder;
  readonly subscriptions: Subscriptions;
  /** What to send next, when `pending()` said that there is something. */
  chunk: Uint8Array;
  chunkLength = 0;

  readonly #codec: Codec;
  readonly #listener: SessionListener;
  readonly #connect: Uint8Array;
  readonly #clean: boolean;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  readonly #keepAlive: KeepAlive;
  readonly #message: ReceivedMessage;
  /** Packets and pieces that go out next, ahead of the outbox. */
  readonly #output: Uint8Array;
  #outputLength = 0;
  #phase = OFFLINE;
  /** Counts connections, so that a callback that closes or reopens one is noticed by whoever called it. */
  #connection = 0;
  #lastIdentifier = 0;
  /** The acknowledgement owed for the packet received last, as its first byte and identifier; 0 for none. */
  #owed = 0;
  #owedIdentifier = 0;
  /** The payload under way in pieces, how much of it has been read, and the message it belongs to if QoS 1 or 2. */
  #source: Uint8Array | PayloadSource | undefined;
  #sourcePosition = 0;
  #sourceMessage: OutgoingMessage | undefined;
  /** Inside `store`, whose payload source may try to enter it again. */
  #storing = false;

  /** @param connect the CONNECT packet, at most `packetSize` bytes. */
  constructor(limits: SessionLimits, codec: Codec, connect: Uint8Array, listener: SessionListener) {
    const { packetSize } = limits;
    this.#codec = codec;
    this.#connect = connect;
    this.#clean = limits.clean;
    this.#listener = listener;
    this.decoder = new Decoder(packetSize, codec);
    this.subscriptions = new Subscriptions(codec, limits.subscriptions, packetSize);
    this.#outbox = new Outbox(limits.inflight, packetSize);
    this.#inbox = new Inbox(limits.receiveMaximum);
    this.#keepAlive = new KeepAlive(limits.keepalive);
    this.#message = new ReceivedMessage(this.decoder.bytes);
    this.chunk = this.#output = resizableBytes(packetSize);
  }

  /** Whether CONNACK has accepted this connection. */
  get connected(): boolean {
    return this.#phase === CONNECTED;
  }

  /** Whether bytes from the server are of interest. */
  get online(): boolean {
    return this.#phase === CONNECTING || this.#phase === CONNECTED;
  }

  /** QoS 1 and 2 messages that are not delivered yet. */
  get inflight(): number {
    return this.#outbox.count;
  }

  /** Whether a QoS 1 or 2 message would find a slot. */
  get hasSlot(): boolean {
    return this.#outbox.free !== undefined;
  }

  /** Whether a packet of `packetSize` bytes could go out next. */
  get idle(): boolean {
    return this.#phase === CONNECTED && this.#outputLength === 0 && this.#source === undefined;
  }

  /** Whether a payload is under way in pieces, which no other packet may interrupt. */
  get streaming(): boolean {
    return this.#source !== undefined;
  }

  /** A stream to the server is open: begins with CONNECT. */
  begin(now: number): void {
    this.end();
    this.#connection++;
    this.#keepAlive.reset(now);
    this.#output.set(this.#connect);
    this.#outputLength = this.#connect.length;
    this.#phase = CONNECTING;
  }

  /** The stream is gone. What is to outlive it stays. */
  end(): void {
    this.#phase = OFFLINE;
    this.decoder.reset();
    this.#outputLength = 0;
    this.#owed = 0;
    this.endOfSource();
  }

  /** From now on nothing goes out but a DISCONNECT. Returns false when that is impossible, in the midst of a payload. */
  disconnect(): boolean {
    if (this.#phase !== CONNECTED || this.#source) return false;
    this.#phase = DISCONNECTING;
    return true;
  }

  // ---- out -------------------------------------------------------------------------------------------------------

  /**
   * Takes a message to send.
   * @returns its packet identifier, 0 with QoS 0, or `WOULD_BLOCK`.
   */
  publish(topic: Topic, payload: Uint8Array | PayloadSource, qos: QoS, retain: boolean): number {
    const size = this.#codec.publishSize(topic, qos, payload.length);
    if (size > MAXIMUM_REMAINING_LENGTH) throw tooLarge(size, MAXIMUM_REMAINING_LENGTH);
    return qos === 0 ? this.publishNow(topic, payload, retain, size) : this.store(topic, payload, qos, retain, size);
  }

  private publishNow(topic: Topic, payload: Uint8Array | PayloadSource, retain: boolean, size: number): number {
    const start = this.#outputLength;
    const capacity = this.#output.length;
    const streams = size > capacity;
    if (this.#phase !== CONNECTED || this.#source) return WOULD_BLOCK;
    if (start + (streams ? this.checkHead(size - payload.length) : size) > capacity) return WOULD_BLOCK;
    const at = this.#codec.writePublish(this.#output, start, topic, 0, retain, 0, payload.length);
    this.#outputLength = at;
    if (!streams && payload instanceof Uint8Array) {
      this.#output.set(payload, at);
      this.#outputLength = at + payload.length;
    } else if (payload.length > 0) this.beginSource(payload, undefined); // which nothing may interrupt, its `read` neither
    return 0;
  }

  private store(topic: Topic, payload: Uint8Array | PayloadSource, qos: QoS, retain: boolean, size: number): number {
    const slot = this.#outbox.free;
    if (!slot || this.#storing || this.#phase === DISCONNECTING) return WOULD_BLOCK;
    const packet = slot.packet;
    const streams = size > packet.length;
    if (streams) this.checkHead(size - payload.length);
    const identifier = this.nextIdentifier();
    const at = this.#codec.writePublish(packet, 0, topic, qos, retain, identifier, payload.length);
    let whole = false;
    this.#storing = true; // until the slot is taken: `read` may publish, too
    try {
      whole = !streams && readWholePayload(payload, packet, at);
    } finally {
      this.#storing = false;
    }
    if (whole) this.#outbox.add(identifier, qos, at + payload.length, undefined);
    else this.#outbox.add(identifier, qos, at, payload);
    return identifier;
  }

  /** The head of a message sent in pieces must fit a packet, or nothing of it can be sent. */
  private checkHead(size: number): number {
    if (size > this.#output.length) throw tooLarge(size, this.#output.length);
    return size;
  }

  /** Asks for subscriptions; as `Subscriptions.subscribe`, but returns the packet identifier or `WOULD_BLOCK`. */
  subscribe(entries: readonly SubscriptionEntry[], done?: (codes: Uint8Array) => void): number {
    const identifier = this.nextIdentifier();
    return this.subscriptions.subscribe(identifier, entries, done) ? identifier : WOULD_BLOCK;
  }

  /** Asks to end subscriptions; returns the packet identifier or `WOULD_BLOCK`. */
  unsubscribe(filters: readonly TopicFilter[], done?: () => void): number {
    const identifier = this.nextIdentifier();
    return this.subscriptions.unsubscribe(identifier, filters, done) ? identifier : WOULD_BLOCK;
  }

  /** Whether there is something to send now. */
  pending(): boolean {
    if (this.#phase !== CONNECTING && (this.#outputLength === 0 || this.#source)) this.refill();
    if (this.#outputLength > 0) {
      this.chunk = this.#output;
      this.chunkLength = this.#outputLength;
      return true;
    }
    if (this.#phase !== CONNECTED || this.#source) return false;
    const message = this.#outbox.unsent;
    if (!message) return false;
    this.chunk = message.packet;
    this.chunkLength = message.length;
    return true;
  }

  /** `chunk` has been sent. */
  sent(now: number): void {
    this.#keepAlive.sent(now);
    if (this.chunk === this.#output) {
      this.#outputLength = 0;
      return;
    }
    const message = this.#outbox.unsent;
    if (message?.source) {
      message.packet[0] |= DUP; // from now on, should it break off half-way
      this.beginSource(message.source, message);
    } else this.#outbox.markSent();
  }

  /** What goes out when nothing else waits: the payload under way, else requests about subscriptions, else the end. */
  private refill(): void {
    if (this.#source) this.readSource(this.#source);
    else if (this.#phase === CONNECTED) this.request();
    else if (this.#phase === DISCONNECTING) this.writeDisconnect();
  }

  private request(): void {
    const packet = this.subscriptions.take(this.#output.length);
    if (!packet) return;
    this.#output.set(packet);
    this.#outputLength = packet.length;
  }

  private writeDisconnect(): void {
    this.#output[0] = DISCONNECT << 4;
    this.#output[1] = 0;
    this.#outputLength = 2;
    this.#phase = OFFLINE; // nothing follows it (3.14.4)
  }

  private beginSource(source: Uint8Array | PayloadSource, message: OutgoingMessage | undefined): void {
    this.#source = source;
    this.#sourcePosition = 0;
    this.#sourceMessage = message;
  }

  private readSource(source: Uint8Array | PayloadSource): void {
    const position = this.#sourcePosition;
    const start = this.#outputLength;
    const room = Math.min(this.#output.length - start, source.length - position);
    if (room === 0) return;
    let count = -1;
    try {
      count = readPayload(source, this.#output, start, room, position);
    } finally {
      if (!(count >= 0 && count <= room)) this.abandon(); // also when it threw
    }
    if (!this.#source) return;
    this.#outputLength = start + count;
    this.#sourcePosition = position + count;
    if (this.#sourcePosition < source.length) return;
    if (this.#sourceMessage) this.#outbox.markSent();
    this.endOfSource();
  }

  private abandon(): void {
    if (this.#sourceMessage) this.#outbox.drop(this.#sourceMessage);
    this.endOfSource();
    this.#listener.onFailure(new MqttError("ERR_PAYLOAD_ABANDONED", "a payload source gave up half-way"));
  }

  private endOfSource(): void {
    this.#source = undefined;
    this.#sourceMessage = undefined;
  }

  /** Identifiers increase, skip those in use, and wrap from 65,535 to 1 (2.3.1). */
  private nextIdentifier(): number {
    do this.#lastIdentifier = this.#lastIdentifier === 0xffff ? 1 : this.#lastIdentifier + 1;
    while (this.#outbox.has(this.#lastIdentifier) || this.subscriptions.has(this.#lastIdentifier));
    return this.#lastIdentifier;
  }

  // ---- time ------------------------------------------------------------------------------------------------------

  /** How long after something was sent a PINGREQ is due, in milliseconds; 0 for never. */
  get keepAliveInterval(): number {
    return this.#keepAlive.interval;
  }

  /** Writes a PINGREQ when one is due. Returns when to check again, in milliseconds, or a negative number: dead. */
  checkKeepAlive(now: number): number {
    const wait = this.#keepAlive.check(now);
    if (wait !== SEND_PINGREQ) return wait;
    const at = this.#outputLength;
    const written = !this.#source && at + 2 <= this.#output.length;
    if (written) {
      this.#output[at] = PINGREQ << 4;
      this.#output[at + 1] = 0;
      this.#outputLength = at + 2;
    }
    return this.#keepAlive.pinging(written, now);
  }

  // ---- in --------------------------------------------------------------------------------------------------------

  /** Takes what has been received. Returns false while no more can be taken, because an acknowledgement has no room. */
  receive(): boolean {
    const connection = this.#connection;
    const decoder = this.decoder;
    while (this.#phase !== OFFLINE && connection === this.#connection) {
      if (!this.acknowledge()) return false;
      const found = decoder.next();
      if (found === NEED_DATA) return true;
      if (found === BROKEN) this.takeBroken(decoder.error as MqttError);
      else this.take();
    }
    return true;
  }

  /** A refusal is an answer to CONNECT; once accepted, it is one CONNACK too many. */
  private takeBroken(error: MqttError): void {
    const late = error.code === "ERR_CONNECTION_REFUSED" && this.#phase !== CONNECTING;
    this.fail(late ? violation("a second CONNACK") : error);
  }

  private fail(error: MqttError): void {
    this.#listener.onFailure(error);
  }

  private take(): void {
    const packet = this.decoder.packet;
    const type = packet.type;
    if (this.#phase === CONNECTED) {
      if (type === PUBLISH) this.takePublish();
      else if (type === PUBACK || type === PUBREC || type === PUBCOMP) this.takeAcknowledgement(packet);
      else if (type === PUBREL) this.takePubrel(packet);
      else if (type === PINGRESP) this.#keepAlive.answered();
      else if (type === CONNACK) this.fail(violation("a second CONNACK"));
      else this.takeAnswer(packet);
    } else if (this.#phase === CONNECTING) {
      if (type === CONNACK) this.takeConnack(packet.sessionPresent);
      else this.fail(violation(`packet of type ${type} before CONNACK`));
    }
  }

  private takeConnack(sessionPresent: boolean): void {
    if (sessionPresent && this.#clean) {
      this.fail(violation("session present after a CONNECT that asked for a clean one"));
      return;
    }
    const connection = this.#connection;
    this.#outbox.resume();
    this.subscriptions.resume();
    if (!sessionPresent) {
      this.#inbox.clear();
      this.subscriptions.restart(() => this.nextIdentifier());
      this.#outbox.restart((identifier) => this.#listener.onDelivered(identifier)); // nothing is sent meanwhile
      if (this.#phase !== CONNECTING || connection !== this.#connection) return; // a callback closed
    }
    this.#phase = CONNECTED;
    this.#listener.onConnected(sessionPresent);
  }

  private takePublish(): void {
    const packet = this.decoder.packet;
    const qos = (packet.flags >> QOS_SHIFT) & QOS_MASK;
    if (qos === 0) this.deliver(packet, 0);
    else if (qos === 1) this.deliverOnce(packet, 1);
    else if (this.#inbox.has(packet.identifier)) this.skip(packet);
    else if (!this.#inbox.full) this.deliverOnce(packet, 2);
    else this.fail(new MqttError("ERR_RECEIVE_MAXIMUM", "more QoS 2 messages under way to us than receiveMaximum"));
  }

  /** Hands a QoS 1 or 2 message over, then owes its acknowledgement, even if the application threw or closed. */
  private deliverOnce(packet: Packet, qos: QoS): void {
    const connection = this.#connection;
    const { identifier } = packet;
    const whole = endsPayload(packet);
    try {
      this.deliver(packet, qos);
    } finally {
      if (whole) {
        if (qos === 2) this.#inbox.add(identifier);
        if (connection === this.#connection) this.owe(qos === 1 ? PUBACK << 4 : PUBREC << 4, packet);
      }
    }
  }

  /** A QoS 2 message that came before is acknowledged, not delivered. */
  private skip(packet: Packet): void {
    if (endsPayload(packet)) this.owe(PUBREC << 4, packet);
  }

  private deliver(packet: Packet, qos: QoS): void {
    const message = this.#message;
    const flags = packet.flags;
    message.qos = qos;
    message.retain = (flags & RETAIN) !== 0;
    message.duplicate = flags >= DUP;
    message.topicStart = packet.topicStart;
    message.topicEnd = packet.topicEnd;
    message.start = packet.payloadStart;
    message.end = packet.payloadEnd;
    message.offset = packet.payloadOffset;
    message.total = packet.payloadTotal;
    this.#listener.onMessage(message);
  }

  private takeAcknowledgement(packet: Packet): void {
    const state = this.#outbox.acknowledge(packet.type, packet.identifier);
    if (state === DONE) this.#listener.onDelivered(packet.identifier);
    else if (state < 0 && packet.type === PUBREC && !this.#outbox.has(packet.identifier))
      this.owe(PUBREL_FIRST_BYTE, packet); // so the server can let go of it
  }

  private takePubrel(packet: Packet): void {
    this.#inbox.delete(packet.identifier);
    this.owe(PUBCOMP << 4, packet);
  }

  private takeAnswer(packet: Packet): void {
    const { type, identifier, start, end } = packet;
    if (type !== SUBACK) this.subscriptions.unsubscribed(identifier);
    else if (!this.subscriptions.granted(identifier, this.decoder.bytes.slice(start + 2, end), this.#listener))
      this.fail(violation("SUBACK without exactly one code for each filter"));
  }

  private owe(first: number, packet: Packet): void {
    this.#owed = first;
    this.#owedIdentifier = packet.identifier;
  }

  /** Writes the acknowledgement that is owed, if any. Returns false when it has no room. */
  private acknowledge(): boolean {
    const first = this.#owed;
    if (first === 0 || this.#phase === OFFLINE) return true;
    const output = this.#output;
    const at = this.#outputLength;
    if (this.#source || at + ACKNOWLEDGEMENT_SIZE > output.length) return false;
    output[at] = first;
    output[at + 1] = 2;
    output[at + 2] = this.#owedIdentifier >> 8;
    output[at + 3] = this.#owedIdentifier;
    this.#outputLength = at + ACKNOWLEDGEMENT_SIZE;
    this.#owed = 0;
    return true;
  }
}

/** Whether the message ends with the piece at hand, as one that came whole does. */
function endsPayload(packet: Packet): boolean {
  return packet.payloadOffset + packet.payloadEnd - packet.payloadStart === packet.payloadTotal;
}

function tooLarge(size: number, limit: number): MqttError {
  return new MqttError("ERR_PACKET_SIZE", `the packet would need ${size} bytes, ${limit} is the limit`);
}
