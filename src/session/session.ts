import { type Codec, NO_ROOM, type PacketProperties } from "../codec/codec.js";
import { MqttError, violation, wrong } from "../errors.js";
import {
  CONNACK,
  DISCONNECT,
  DUP,
  PINGREQ,
  PINGRESP,
  PUBACK,
  PUBCOMP,
  PUBREC,
  PUBREL,
  PUBREL_FIRST_BYTE,
  QOS_SHIFT,
  RETAIN,
} from "../wire/packet-type.js";
import { ACKNOWLEDGEMENT_SIZE, packetSize, writeAcknowledgement } from "../wire/frame.js";
import type { QoS } from "../wire/quality-of-service.js";
import { Topic } from "../wire/topic.js";
import { utf8 } from "../wire/utf8.js";
import type { ByteStream } from "./byte-stream.js";
import { AWAITING_PUBCOMP, DONE } from "./delivery.js";
import type { Inbox } from "./inbox.js";
import type { Outbox, OutgoingMessage } from "./outbox.js";
import { type PayloadSource, readPayload } from "./payload-source.js";
import { Receiver } from "./receiver.js";
import { resizableBytes } from "./resizable-bytes.js";
import type { SessionEvents } from "./session-events.js";
import { newSession, type SessionKeeper, type SessionLimits } from "./session-state.js";
import { Subscriptions } from "./subscriptions.js";

/** Returned when there is no room now; `onWritable` says when to try again. */
export const WOULD_BLOCK = -1;

/** How far a client has come. */
export const CLOSED = 0;
export const WAITING = 1; // for the next attempt
export const OPENING = 2; // the stream
export const CONNECTING = 3; // CONNECT is out, CONNACK is awaited
export const CONNECTED = 4;
export const DISCONNECTING = 5; // DISCONNECT is the next packet to go out
export const DISCONNECTED = 6; // it is the last that goes out

const QOS_2 = 0b0100;

/** What a `publish` may find no room in. */
const SLOT = 1;
const ROOM = 2;

/** In versions that have them: a reason code, 0 where all went well, and what else has come in. */
interface DeliveryEvents {
  onDelivered?: (identifier: number, reasonCode?: number, received?: unknown) => void;
}

/**
 * The protocol engine: QoS 1 and 2 in both directions, what is sent when, and requests about subscriptions. It knows a
 * stream of bytes, but nothing of how one is opened, nor of time. It outlives connections, as the standard's session
 * does (MQTT 3.1.1, 4.1). Nothing but the constructor, `begin` and (un)subscribing allocates.
 */
export abstract class Session<Properties extends PacketProperties = never> extends Receiver<Properties> {
  // The `#` keeps the password, which is beside the callbacks, out of what debuggers and consoles print of a client.
  readonly #events: SessionEvents & DeliveryEvents;
  protected state = CLOSED;
  /** How many ticks of the keep-alive timer ago something was sent last. */
  protected silence = 0;
  /** How many ticks a PINGRESP, or another sign of life, has been awaited; 0 when none is. */
  protected pinging = 0;
  protected readonly outbox: Outbox;
  protected readonly subscriptions: Subscriptions;
  protected readonly inbox: Inbox;
  protected clean: boolean;
  /** Packets and pieces that go out next, ahead of the outbox. */
  protected readonly output: Uint8Array;
  protected outputLength = 0;
  /** Whether there may be something to send besides `output`. */
  protected more = false;
  /** Inside a payload source, which may call back, but may not have anything sent. */
  protected reading = false;
  protected lastIdentifier: number;
  /** How many CONNECT packets have gone out since the last CONNACK. */
  private unanswered = 0;
  /** The acknowledgement owed for the packet received last, as its first byte and identifier; 0 for none. */
  private owed = 0;
  private owedIdentifier = 0;
  /** The payload under way in pieces, how much of it has been read, and whether it is of the outbox's next message. */
  protected source: Uint8Array | PayloadSource | undefined = undefined;
  private position = 0;
  private sourceStored = false;
  /** What a `publish` found no room in: a slot, the output, or both. */
  protected wants = 0;

  constructor(
    codec: Codec<Properties>,
    stream: ByteStream,
    limits: SessionLimits,
    events: SessionEvents & { session?: SessionKeeper },
  ) {
    const size = limits.packetSize;
    super(codec, stream, size);
    this.#events = events;
    this.output = resizableBytes(size);
    const state = events.session?.open(limits, codec.protocolVersion) ?? newSession(limits);
    this.outbox = state.outbox;
    this.inbox = state.inbox;
    this.lastIdentifier = state.lastIdentifier;
    this.subscriptions = new Subscriptions(limits.subscriptions, size);
    this.clean = limits.clean;
  }

  /** CONNACK accepted the connection. */
  protected abstract accepted(sessionPresent: boolean): void;
  /** The message in `message` is for the application. */
  protected abstract deliver(): void;
  /** The connection is of no use any more: not a byte may follow. */
  protected abstract lost(error: MqttError): void;
  /** DISCONNECT has been sent. */
  protected abstract disconnected(): void;
  /** Has the host call back at once, to go on with what is left to do. */
  protected abstract soon(): void;
  /** Writes CONNECT to `output`; returns its length. */
  protected abstract writeConnect(output: Uint8Array): number;

  /** How many QoS 1 and 2 messages are not delivered yet. */
  get inflight(): number {
    return this.outbox.count;
  }

  /** A stream to the server is open: begins with CONNECT. */
  protected begin(): void {
    this.end(CONNECTING);
    this.unanswered++;
    this.silence = 0;
    this.outputLength = this.writeConnect(this.output);
    if (this.flush()) this.output.fill(0); // of credentials
  }

  /** The stream is gone. What is to outlive it stays. */
  protected end(state: number): void {
    this.state = state;
    this.resetInput();
    this.output.fill(0); // of credentials that found no room
    this.halted = state !== CONNECTING;
    this.outputLength = this.owed = this.pinging = 0;
    this.endSource();
  }

  /** Has nothing but a DISCONNECT go out from now on. Returns false in the midst of a payload, where that cannot be. */
  protected disconnect(): boolean {
    if (this.state !== CONNECTED || this.source) return false;
    this.state = DISCONNECTING;
    this.more = this.halted = true;
    return true;
  }

  // ---- out -------------------------------------------------------------------------------------------------------

  /**
   * Publishes a message. QoS 1 and 2 messages are kept until they are delivered, from before the first connection and
   * across any number of reconnects.
   *
   * Allocates nothing, given a `Topic` and bytes or a `PayloadSource`. A topic as text costs what `new Topic` does; text
   * as payload costs what `utf8` does.
   *
   * @param payload of any size. What does not fit `packetSize` is sent in pieces, other messages waiting meanwhile;
   *   the bytes, or the source, must then stay as they are until the message is delivered, or with QoS 0 sent.
   * @returns the packet identifier (1 to 65,535) that `onDelivered` will tell, or 0 for QoS 0, or `WOULD_BLOCK`: no
   *   slot is free or, with QoS 0, the client is not connected or the socket is full. `onWritable` follows.
   * @throws MqttError `ERR_TOPIC`, `ERR_ARGUMENT`, or `ERR_PACKET_SIZE` when the topic does not fit `packetSize` or the
   *   payload no packet at all.
   */
  publish(topic: Topic | string, payload: Uint8Array | string | PayloadSource, qos: QoS = 0, retain = false, properties?: Properties): number {
    // The checks are by member: `instanceof` takes four times as long, and `typeof` needs text literals, which are copied
    // to the heap each time they are met in flash.
    if (!(topic as Partial<Topic> | undefined)?.bytes) topic = new Topic(topic as string);
    if (!(payload as Partial<Uint8Array> | undefined)?.buffer && !(payload as Partial<PayloadSource> | undefined)?.read)
      payload = utf8(payload as string);
    if (qos !== 0) return this.store(topic as Topic, payload as PayloadSource, qos, retain, properties);
    if (this.state !== CONNECTED || this.source) return this.block(0);
    const output = this.output;
    const size = payload.length;
    const at = this.codec.publish(output, this.outputLength, topic as Topic, retain ? RETAIN : 0, 0, size, properties);
    const end = at + size;
    if (end <= output.length && (payload as Partial<Uint8Array>).buffer) {
      output.set(payload as Uint8Array, at);
      // As `flush` would, but for the usual case of nothing else to send without the call.
      if (this.stream.write(output, end)) this.outputLength = this.silence = 0;
      else this.outputLength = end;
      if (this.more) this.flush();
      return 0;
    }
    if (this.outputLength > 0) return this.flush() ? this.publish(topic, payload, qos, retain, properties) : this.block(0); // then alone
    if (at === NO_ROOM) throw packetSize((topic as Topic).bytes.length, output.length);
    checkLength(size);
    this.outputLength = at;
    this.beginSource(payload as PayloadSource, false);
    this.readSource(payload as PayloadSource);
    this.flush();
    return 0;
  }

  protected store(
    topic: Topic,
    payload: Uint8Array | PayloadSource,
    qos: QoS,
    retain: boolean,
    properties: Properties | undefined,
  ): number {
    // Not by `checkQoS`, which would be given a name: see `publish` for what text literals cost.
    if (qos !== 1 && qos !== 2) throw wrong("qos", "0, 1 or 2");
    const slot = this.outbox.free;
    if (!slot || this.reading || this.state >= DISCONNECTING) return this.block(qos);
    const packet = slot.packet;
    const size = payload.length;
    const identifier = this.nextIdentifier();
    const at = this.codec.publish(packet, 0, topic, (qos << QOS_SHIFT) | (retain ? RETAIN : 0), identifier, size, properties);
    if (at === NO_ROOM) throw packetSize(topic.bytes.length, packet.length);
    const whole = at + size <= packet.length && this.readWhole(payload, packet, at);
    slot.source = whole ? undefined : payload;
    this.outbox.add(slot, identifier, qos === 2, whole ? at + size : at);
    this.more = true;
    this.flush();
    return identifier;
  }

  /** Puts the whole payload at `at`, where it fits, if it can be had at once. */
  private readWhole(payload: Uint8Array | PayloadSource, target: Uint8Array, at: number): boolean {
    if ((payload as Partial<Uint8Array>).buffer) {
      target.set(payload as Uint8Array, at);
      return true;
    }
    checkLength(payload.length);
    const source = this.source;
    this.reading = true;
    this.source = payload; // so that nothing else is published
    try {
      return payload.length === 0 || (payload as PayloadSource).read(target, at, at + payload.length, 0) === payload.length;
    } finally {
      this.reading = false;
      if (this.source === payload) this.source = source; // else it was closed
    }
  }

  private block(qos: QoS): number {
    this.wants |= qos === 0 ? ROOM : SLOT;
    return WOULD_BLOCK;
  }

  /** Tells an application that was refused room that there is some. */
  protected notify(): void {
    const idle = this.state === CONNECTED && this.outputLength === 0 && !this.source;
    if (!(this.wants & SLOT && this.outbox.free) && !(this.wants & ROOM && idle)) return;
    this.wants = 0;
    this.#events.onWritable?.();
  }

  /** Sends what there is to send. Returns false when the socket takes no more: `onWritable` follows. */
  protected flush(): boolean {
    do {
      if (this.outputLength > 0) {
        if (!this.stream.write(this.output, this.outputLength)) return false;
        this.outputLength = this.silence = 0;
      }
    } while (this.more && this.refill());
    return !this.more;
  }

  /** Finds more to send: writes it to `output`, or sends a message from its slot. Returns false when there is nothing. */
  protected refill(): boolean {
    if (this.source) this.readSource(this.source);
    else if (this.state === CONNECTED) {
      this.outputLength = this.subscriptions.write(this.codec, this.output);
      const message = this.outbox.unsent;
      this.more = this.outputLength > 0 || message !== undefined;
      if (this.outputLength === 0 && message) return this.sendStored(message);
    } else if (this.state === DISCONNECTING) {
      this.outputLength = this.writeShort(DISCONNECT, 0);
      this.state = DISCONNECTED;
    } else {
      this.more = false;
      if (this.state === DISCONNECTED) this.disconnected();
    }
    return this.outputLength > 0;
  }

  protected sendStored(message: OutgoingMessage): boolean {
    if (!this.stream.write(message.packet, message.length)) return false;
    this.silence = 0;
    if (message.source) {
      message.packet[0] |= DUP; // from now on, should it break off half-way
      this.beginSource(message.source, true);
    } else this.outbox.sent++;
    return true;
  }

  protected writeShort(type: number, at: number): number {
    this.output[at] = type << 4;
    this.output[at + 1] = 0;
    return at + 2;
  }

  private beginSource(source: Uint8Array | PayloadSource, stored: boolean): void {
    this.source = source;
    this.position = 0;
    this.sourceStored = stored;
    this.more = true;
  }

  private endSource(): void {
    this.source = undefined;
    this.sourceStored = false;
  }

  /** Reads the next piece of a payload to `output`, if the source is ready. */
  private readSource(source: Uint8Array | PayloadSource): void {
    const at = this.outputLength;
    const room = Math.min(this.output.length - at, source.length - this.position);
    let count = -1;
    this.reading = true;
    try {
      if (room > 0) count = readPayload(source, this.output, at, room, this.position);
      else count = 0;
    } finally {
      this.reading = false;
      if (!(count >= 0 && count <= room)) this.abandon(); // also when it threw
    }
    if (!this.source) return;
    this.outputLength = at + count;
    this.position += count;
    if (this.position < source.length) return;
    if (this.sourceStored) this.outbox.sent++;
    this.endSource();
    if (this.wants > 0) this.soon(); // the source itself, perhaps
  }

  private abandon(): void {
    if (this.sourceStored) this.outbox.remove(this.outbox.sent);
    this.endSource();
    this.lost(new MqttError("ERR_PAYLOAD_ABANDONED", "a payload source gave up half-way", "caller"));
  }

  /** Identifiers increase, skip those in use, and wrap from 65,535 to 1 (2.3.1). */
  protected nextIdentifier(): number {
    do this.lastIdentifier = (this.lastIdentifier % 0xffff) + 1;
    while (this.outbox.has(this.lastIdentifier) || this.subscriptions.has(this.lastIdentifier));
    return this.lastIdentifier;
  }

  /** There is something to send that is not in `output`. */
  protected sendMore(): void {
    this.more = true;
    if (!this.reading) this.flush();
  }

  /** Sends a PINGREQ, if it has room: where it has none, whether what is in its way moves on tells as much. */
  protected ping(): void {
    if (!this.source && this.outputLength + 2 <= this.output.length) {
      this.pinging = 1;
      this.outputLength = this.writeShort(PINGREQ, this.outputLength);
    }
    this.flush();
  }

  // ---- in --------------------------------------------------------------------------------------------------------

  protected fail(error: MqttError): void {
    if (this.state === CONNECTED) this.flush(); // acknowledgements of what came before, as if it had come by itself
    this.lost(error);
  }

  protected ready(): boolean {
    const up = this.state === CONNECTED || this.state === CONNECTING;
    this.halted = !up || (this.owed !== 0 && !this.acknowledge());
    return !this.halted;
  }

  protected take(type: number, start: number, end: number): void {
    if (this.state === CONNECTING) this.takeFirst(type, start, end);
    else {
      const identifier = (this.input[start] << 8) | this.input[start + 1];
      const state = this.outbox.acknowledge(type, identifier); // anything that is no acknowledgement is not awaited
      if (state === DONE) this.#events.onDelivered?.(identifier);
      else if (state === AWAITING_PUBCOMP) this.sendMore(); // PUBREL; at once, so that a repeated PUBREC finds it sent
      else this.takeOther(type, identifier, start + 2, end);
    }
  }

  protected takeOther(type: number, identifier: number, start: number, end: number): void {
    if (type === PINGRESP) this.pinging = 0;
    else if (type === CONNACK) this.fail(violation("a second CONNACK"));
    else if (identifier === 0) this.fail(violation("identifier 0"));
    else if (type > PUBCOMP) this.takeAnswer(type, identifier, start, end);
    else if (type === PUBREL) {
      this.inbox.delete(identifier);
      this.owe(PUBCOMP << 4, identifier);
    } else if (type === PUBREC && !this.outbox.has(identifier)) this.owe(PUBREL_FIRST_BYTE, identifier); // let it go
  }

  protected takeFirst(type: number, start: number, end: number): void {
    if (this.outputLength > 0) this.fail(violation("an answer to a CONNECT that has not left"));
    else if (type !== CONNACK) this.fail(tooEarly());
    else {
      const error = this.codec.checkConnack(this.input, start, end);
      if (error) this.fail(error);
      else this.takeConnack(this.input[start] === 1);
    }
  }

  protected takeConnack(sessionPresent: boolean): void {
    if (sessionPresent && this.clean) {
      this.fail(violation("a session present that was not asked for"));
      return;
    }
    // A CONNACK that was lost may have told of a lost session, so that this one is another.
    const certain = this.unanswered === 1;
    this.unanswered = 0;
    this.outbox.resume();
    this.subscriptions.resume();
    if (!sessionPresent || !certain) this.subscriptions.restart(() => this.nextIdentifier());
    try {
      if (!sessionPresent) this.beginAnew();
    } finally {
      // Unless a callback closed, and even if one threw.
      if (this.state === CONNECTING) {
        this.state = CONNECTED;
        this.more = true;
        this.accepted(sessionPresent);
      }
    }
  }

  /** The server has another session than we: what was delivered is told before anything is sent. */
  private beginAnew(): void {
    this.inbox.clear();
    for (let done = this.outbox.restart(); done > 0; done = this.outbox.restart()) this.#events.onDelivered?.(done, 0, this.codec.received);
  }

  protected takePublish(): void {
    const message = this.message;
    const flags = message.flags;
    const identifier = message.identifier;
    const last = message.offset + message.end - message.start === message.total;
    this.pinging = 0; // the server lives: on a slow network, its PINGRESP waits behind what it has sent before
    if (this.state !== CONNECTED) this.fail(tooEarly());
    else if (flags <= RETAIN) this.deliver();
    else if (flags & QOS_2) this.takeExactlyOnce(identifier, last);
    else this.handOver(PUBACK, identifier, last);
  }

  private takeExactlyOnce(identifier: number, last: boolean): void {
    if (!this.inbox.has(identifier)) {
      if (this.inbox.full)
        this.fail(new MqttError("ERR_RECEIVE_MAXIMUM", "more QoS 2 messages under way to us than receiveMaximum", "resources"));
      else this.handOver(PUBREC, identifier, last);
    } else if (last) this.owe(PUBREC << 4, identifier); // it came before: acknowledged, not delivered
  }

  /** Notes a QoS 2 message's identifier, hands the message over, then owes its acknowledgement, even when the application threw. */
  protected handOver(acknowledgement: number, identifier: number, last: boolean): void {
    if (last && acknowledgement === PUBREC) this.inbox.add(identifier);
    try {
      this.deliver();
    } finally {
      if (last) this.owe(acknowledgement << 4, identifier);
    }
  }

  protected takeAnswer(type: number, identifier: number, start: number, end: number): void {
    const codes = this.input.slice(start, end);
    const error = this.codec.checkCodes(codes, type) ?? this.subscriptions.answer(identifier, type, codes, this.#events);
    if (error) this.fail(error);
  }

  protected owe(first: number, identifier: number): void {
    if (this.state !== CONNECTED) return; // a callback closed
    this.owed = first;
    this.owedIdentifier = identifier;
    this.halted = true;
  }

  /** Writes the acknowledgement that is owed. Returns false when it has no room. */
  protected acknowledge(): boolean {
    const output = this.output;
    if ((this.source || this.outputLength + ACKNOWLEDGEMENT_SIZE > output.length) && (!this.flush() || this.source))
      return false;
    writeAcknowledgement(output, this.outputLength, this.owed, this.owedIdentifier);
    this.outputLength += ACKNOWLEDGEMENT_SIZE;
    this.owed = 0;
    return true;
  }
}

function checkLength(length: number): void {
  if (!(length >= 0)) throw wrong("payload.length", "a number of bytes");
}

function tooEarly(): MqttError {
  return violation("a packet before CONNACK");
}
