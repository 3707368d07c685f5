import type { Clock, ClockTimer } from "../client/clock.js";
import type { TransportListener } from "../client/transport.js";
import { v3 } from "../codec/v3.js";
import { MqttError, violation, wrong } from "../errors.js";
import { Inbox } from "../session/inbox.js";
import { Receiver } from "../session/receiver.js";
import { resizableBytes } from "../session/resizable-bytes.js";
import { ACKNOWLEDGEMENT_SIZE, writeAcknowledgement } from "../wire/frame.js";
import {
  CONNACK,
  PINGREQ,
  PINGRESP,
  PUBACK,
  PUBCOMP,
  PUBREC,
  PUBREL,
  PUBREL_FIRST_BYTE,
  RETAIN,
  SUBACK,
} from "../wire/packet-type.js";
import { type ByteBuffer, bytesOf } from "./byte-buffer.js";
import { LastTopic } from "./last-topic.js";
import { connectOptions, type ControlMessage, integer, type Options, type ReadableOptions } from "./options.js";
import type { PacketTransport } from "./packet-transport.js";

/** Milliseconds until CONNACK. */
const CONNECT_TIMEOUT = 30_000;

// Keep alive (3.1.2.10) is watched in quarters of it: a PINGREQ after three of silence; and after three more without an
// answer, when the server itself would give up, the connection is dead.
const QUARTERS = 4;
const SILENT_QUARTERS = 3;
const PATIENT_QUARTERS = 3;

/** Bytes of acknowledgements and PINGREQs that may wait. */
const ANSWERS = 64;

/** How many identifiers are remembered: received QoS 2 messages, and what the server has yet to answer. */
const REMEMBERED = 64;

/** What every packet has beside its payload at least, and the SDK's class keeps back: so many bytes less may be written. */
const OVERHEAD = 8;

/** How far a connection has come. */
export const OPENING = 0;
export const CONNECTING = 1; // CONNECT is out
export const CONNECTED = 2;
export const DISCONNECTED = 3; // DISCONNECT is out
export const CLOSED = 4;

/** The callbacks have the client as `this`, whatever that is. */
type AnyOptions = Options<never>;

/**
 * One connection of ECMA-419's MQTT client: what is received, answered and kept alive without the application.
 * A payload that came in waits in the buffer until it has been read; nothing else is received meanwhile.
 */
export class Connection extends Receiver implements TransportListener {
  protected override readonly stream: PacketTransport;
  private readonly client: never;
  private readonly callbacks: AnyOptions;
  private readonly clean: boolean;
  protected state = OPENING;
  /** The packet that goes out next, before CONNACK the CONNECT of this length. */
  protected readonly output: Uint8Array;
  private readonly connectLength: number;
  /** Acknowledgements and PINGREQs that go out next. */
  private readonly answers = resizableBytes(ANSWERS);
  private answersLength = 0;
  /** Bytes still to be written of a payload that is written in fragments. */
  protected remaining = 0;
  private readonly topic = new LastTopic();
  /** Bytes still to be read of the payload, or fragment, in `message`. */
  private unread = 0;
  /** The acknowledgement owed for the packet received last, as its first byte and identifier; 0 for none. */
  private owed = 0;
  private owedIdentifier = 0;
  /** Received QoS 2 messages whose PUBREL has not come. */
  private readonly inbox = new Inbox(REMEMBERED);
  /** Identifiers of what has been written and is not answered, as far as there is room. */
  protected readonly unanswered = new Inbox(REMEMBERED);
  /** Milliseconds of a quarter of Keep Alive; how many of them nothing was sent, and how many a PINGRESP is awaited. */
  private readonly quarter: number;
  protected silence = 0;
  private pinging = 0;
  protected readonly timer: ClockTimer;
  protected readonly later: ClockTimer;

  /** @throws MqttError that names the option that is wrong, and what the resolver's or the socket's constructor throws. */
  constructor(client: unknown, options: AnyOptions, stream: PacketTransport, clock: Clock) {
    const size = integer("packetSize", options.packetSize ?? 512, 32, 0xffff);
    super(v3, stream, size);
    this.stream = stream;
    this.client = client as never;
    this.callbacks = options;
    this.output = resizableBytes(size);
    const connect = connectOptions(options);
    this.clean = connect.clean === true;
    this.connectLength = v3.connect(this.output, connect);
    this.quarter = ((connect.keepalive ?? 0) * 1000) / QUARTERS;
    this.timer = clock.createTimer(() => this.quarterPassed());
    this.later = clock.createTimer(() => this.onReadable());
    this.timer.schedule(CONNECT_TIMEOUT);
    try {
      stream.open(this);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Ends at once, without a DISCONNECT. Harmless when closed already. */
  close(): void {
    if (this.state === CLOSED) return;
    this.state = CLOSED;
    this.halted = true;
    this.unread = this.owed = this.remaining = 0;
    this.resetInput();
    this.stream.close();
    this.release(this.timer);
    this.release(this.later);
  }

  private release(timer: ClockTimer): void {
    timer.cancel();
    timer.release?.();
  }

  /** How many bytes may be written. */
  get writable(): number {
    return Math.max(0, this.stream.free - this.answersLength - OVERHEAD);
  }

  // ---- the transport ---------------------------------------------------------------------------------------------

  onOpen(): void {
    this.state = CONNECTING;
    this.halted = false;
    this.stream.write(this.output, this.connectLength);
  }

  onReadable(): void {
    try {
      this.receive();
    } finally {
      // A callback's exception is the host's to report; what is behind it wants to be taken all the same.
      if (this.receiving && this.state !== CLOSED) this.later.schedule(0);
    }
    this.sendAnswers();
  }

  onWritable(): void {
    if (this.state === CONNECTING) this.stream.write(this.output, this.connectLength); // it had no room before
    else {
      this.onReadable();
      this.tellWritable();
    }
  }

  onClose(error: MqttError): void {
    const isAnswer = this.state === DISCONNECTED && error.code === "ERR_CONNECTION_CLOSED";
    const { onClose } = this.callbacks;
    if (!isAnswer || !onClose) this.fail(error);
    else {
      this.close();
      onClose.call(this.client);
    }
  }

  protected fail(error: MqttError): void {
    this.close();
    this.callbacks.onError?.call(this.client, error);
  }

  private tellWritable(): void {
    if (this.state !== CONNECTED) return;
    this.stream.wantsRoom = true;
    const count = this.writable;
    if (count > 0) this.callbacks.onWritable?.call(this.client, count);
  }

  // ---- in --------------------------------------------------------------------------------------------------------

  protected ready(): boolean {
    this.halted = this.state === OPENING || this.state === CLOSED || this.unread > 0 || !this.answer();
    return !this.halted;
  }

  protected take(type: number, start: number, end: number): void {
    const identifier = (this.input[start] << 8) | this.input[start + 1];
    if (this.state === CONNECTING) this.takeFirst(type, start);
    else if (type === CONNACK) this.fail(violation("a second CONNACK"));
    else if (type === PINGRESP) {
      this.pinging = 0;
      this.tell({ operation: type });
    } else if (identifier === 0) this.fail(violation("identifier 0"));
    else if (type === SUBACK) this.takeCodes(identifier, start + 2, end);
    else this.takeAcknowledgement(type, identifier);
  }

  private takeFirst(type: number, start: number): void {
    const error = type === CONNACK ? v3.checkConnack(this.input, start) : tooEarly();
    const sessionPresent = this.input[start] === 1;
    if (error) this.fail(error);
    else if (sessionPresent && this.clean) this.fail(violation("a session present that was not asked for"));
    else {
      this.state = CONNECTED;
      this.timer.cancel();
      if (this.quarter > 0) this.timer.schedule(this.quarter);
      this.stream.wantsRoom = true;
      this.tell({ operation: type, returnCode: 0, sessionPresent });
      this.tellWritable();
    }
  }

  private takeCodes(id: number, start: number, end: number): void {
    const codes = this.input.slice(start, end);
    const error = v3.checkCodes(codes);
    this.unanswered.delete(id);
    if (error) this.fail(error);
    else this.tell({ operation: SUBACK, id, payload: Array.from(codes) });
  }

  private takeAcknowledgement(operation: number, id: number): void {
    if (operation === PUBREC) this.owe(PUBREL_FIRST_BYTE, id);
    else if (operation === PUBREL) {
      this.inbox.delete(id);
      this.owe(PUBCOMP << 4, id);
    } else this.unanswered.delete(id);
    this.tell({ operation, id });
  }

  private tell(message: ControlMessage): void {
    this.callbacks.onControl?.call(this.client, message, message);
  }

  protected takePublish(): void {
    const { message, inbox } = this;
    const isExactlyOnce = message.qos === 2;
    this.pinging = 0; // the server lives: on a slow network, its PINGRESP waits behind what it has sent before
    if (this.state === CONNECTING) this.fail(tooEarly());
    else if (isExactlyOnce && inbox.has(message.identifier)) this.consumed(); // it came before: acknowledged, not delivered
    else if (isExactlyOnce && inbox.full)
      this.fail(new MqttError("ERR_RECEIVE_MAXIMUM", `more than ${REMEMBERED} QoS 2 messages under way to us`, "resources"));
    else this.announce(message.length);
  }

  /** Tells of a payload, or a fragment of one. Unless it is read, now or later, it is in the way of all that follows. */
  private announce(count: number): void {
    const { callbacks } = this;
    this.unread = count;
    this.halted = true;
    let isTold = false;
    try {
      callbacks.onReadable?.call(this.client, count, this.readableOptions());
      isTold = callbacks.onReadable !== undefined;
    } finally {
      if (!isTold) this.unread = 0; // there is nobody to read it
      if (this.state !== CLOSED && (count === 0 || !isTold)) this.consumed();
    }
  }

  private readableOptions(): ReadableOptions {
    const { message } = this;
    const { offset, length, total, qos, retain } = message;
    const more = offset + length < total;
    return offset > 0 ? { more } : { more, topic: this.topic.of(message), QoS: qos, retain, byteLength: total };
  }

  /**
   * What waits of the payload at hand, up to a number of bytes as a new `ArrayBuffer`, or into a byte buffer, of which it
   * fills as much as it can.
   * @returns the buffer, or the number of bytes; undefined when nothing waits.
   */
  read(target?: number | ByteBuffer): ArrayBuffer | number | undefined {
    const { message, unread } = this;
    if (this.state === CLOSED) throw new MqttError("ERR_STATE", "read: closed", "caller");
    const start = message.end - unread;
    if (target === undefined || Number.isInteger(target)) {
      const count = Math.min(target === undefined ? unread : (target as number), unread);
      if (count < 0) throw wrong("count", "a number of bytes");
      return unread > 0 ? this.advance(count, message.bytes.slice(start, start + count).buffer) : undefined;
    }
    const view = target instanceof Uint8Array ? target : bytesOf(target as ByteBuffer, "count or buffer");
    const count = Math.min(view.length, unread);
    for (let at = 0; at < count; at++) view[at] = message.bytes[start + at];
    return unread > 0 ? this.advance(count, count) : undefined;
  }

  private advance<Result>(count: number, result: Result): Result {
    this.unread -= count;
    if (this.unread === 0) this.consumed();
    return result;
  }

  /** The payload at hand, or this fragment of it, has been read. */
  private consumed(): void {
    const { flags, identifier, offset, length, total, qos } = this.message;
    if (offset + length === total && flags > RETAIN) {
      if (qos === 2 && !this.inbox.has(identifier)) this.inbox.add(identifier);
      this.owe((qos === 2 ? PUBREC : PUBACK) << 4, identifier);
    }
    if (!this.receiving) this.later.schedule(0);
  }

  private owe(first: number, identifier: number): void {
    if (this.state !== CONNECTED) return;
    this.owed = first;
    this.owedIdentifier = identifier;
    this.halted = true;
  }

  // ---- out -------------------------------------------------------------------------------------------------------

  /** Writes the acknowledgement that is owed, if any. Returns false when it has no room. */
  private answer(): boolean {
    if (this.owed === 0) return true;
    if (this.answersLength + ACKNOWLEDGEMENT_SIZE > ANSWERS && !this.sendAnswers()) return false;
    writeAcknowledgement(this.answers, this.answersLength, this.owed, this.owedIdentifier);
    this.answersLength += ACKNOWLEDGEMENT_SIZE;
    this.owed = 0;
    return true;
  }

  /** Sends what is to be answered, unless a payload is half-way. Returns false when some is left. */
  protected sendAnswers(): boolean {
    const length = this.answersLength;
    if (length === 0) return true;
    if (this.state !== CONNECTED || this.remaining > 0 || !this.stream.write(this.answers, length)) return false;
    this.answersLength = this.silence = 0;
    return true;
  }

  private quarterPassed(): void {
    if (this.state < CONNECTED) this.fail(new MqttError("ERR_CONNECT_TIMEOUT", "the server did not accept in time", "network"));
    else if (this.state === CONNECTED) this.keepAlive();
    else this.onClose(new MqttError("ERR_CONNECTION_CLOSED", "the server did not close in time", "network"));
  }

  private keepAlive(): void {
    this.timer.schedule(this.quarter);
    this.silence++;
    const isWaiting = this.pinging > 0 && this.unread === 0; // otherwise an answer may stand behind what is not read
    if (isWaiting && ++this.pinging > PATIENT_QUARTERS)
      this.fail(new MqttError("ERR_KEEPALIVE_TIMEOUT", "the server does not answer", "network"));
    else if (!isWaiting && this.silence >= SILENT_QUARTERS) this.ping();
  }

  private ping(): void {
    this.pinging = 1;
    if (this.answersLength + 2 <= ANSWERS) {
      this.answers[this.answersLength] = PINGREQ << 4;
      this.answers[this.answersLength + 1] = 0;
      this.answersLength += 2;
    }
    this.sendAnswers();
  }
}

function tooEarly(): MqttError {
  return violation("a packet before CONNACK");
}
