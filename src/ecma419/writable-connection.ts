import { NO_ROOM } from "../codec/codec.js";
import { v3 } from "../codec/v3.js";
import { MqttError, wrong } from "../errors.js";
import { ACKNOWLEDGEMENT_SIZE, MAXIMUM_REMAINING_LENGTH, packetSize, writeAcknowledgement } from "../wire/frame.js";
import {
  DISCONNECT,
  DUP,
  PINGREQ,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  PUBREL,
  PUBREL_FIRST_BYTE,
  QOS_SHIFT,
  RETAIN,
  SUBSCRIBE,
  UNSUBSCRIBE,
} from "../wire/packet-type.js";
import { checkQoS } from "../wire/quality-of-service.js";
import { Topic } from "../wire/topic.js";
import { TopicFilter } from "../wire/topic-filter.js";
import { type ByteBuffer, bytesOf, textOf } from "./byte-buffer.js";
import { CONNECTED, Connection, DISCONNECTED } from "./connection.js";
import { integer } from "./options.js";

/** Milliseconds for the server to close after DISCONNECT, as it must (3.14.4); then we do. */
const CLOSE_TIMEOUT = 5_000;

/** A filter to subscribe to, or to unsubscribe from. */
export interface Item {
  topic: string | ByteBuffer;
  /** The highest quality of service wanted: 0, 1 or 2. Default 0. */
  QoS?: number;
}

/** What to write, and how. */
export interface WriteOptions {
  /** One of the class's constants. Default `PUBLISH`. */
  operation?: number;
  /** Packet identifier, 1 to 65,535. Default: the next one. Acknowledgements need it; a PUBLISH of QoS 0 has none. */
  id?: number;
  /** Of a PUBLISH. */
  topic?: string | ByteBuffer;
  /** Of a PUBLISH: 0, 1 or 2. Default 0. */
  QoS?: number;
  /** Of a PUBLISH. Default false. */
  retain?: boolean | number;
  /** Of a PUBLISH of QoS 1 or 2: it has been sent before (3.3.1.1). Default false. */
  duplicate?: boolean | number;
  /** Of a PUBLISH: bytes of the whole payload, of which `data` is the first fragment. Default: `data` is all. */
  byteLength?: number;
  /** Of a SUBSCRIBE or UNSUBSCRIBE: one or more. */
  items?: readonly Item[];
}

/** Any bytes, or none. */
type Data = ByteBuffer | null | undefined;

/** A `Connection` that the application can write to. Nothing that throws here has sent anything. */
export class WritableConnection extends Connection {
  private lastIdentifier = 0;
  /** What was published to last, since the next is often the same. */
  private lastName: unknown;
  private lastTopic: Topic | undefined;

  /** @returns how many bytes may be written next. */
  write(data: Data, options: WriteOptions | null | undefined): number {
    const bytes = data instanceof Uint8Array ? data : bytesOrNone(data);
    if (this.remaining > 0) this.writeFragment(bytes, options);
    else if (this.state !== CONNECTED) throw state("before CONNACK, after DISCONNECT, or closed");
    else if (options) this.writePacket(bytes, options);
    else throw wrong("options", "a dictionary, since there is no payload to go on with");
    this.silence = 0;
    return this.writable;
  }

  private writePacket(payload: Uint8Array, options: WriteOptions): void {
    const { operation = PUBLISH } = options;
    switch (operation) {
      case PUBLISH:
        this.publish(payload, options);
        break;
      case SUBSCRIBE:
      case UNSUBSCRIBE:
        this.request(operation, options);
        break;
      case PUBACK:
      case PUBREC:
      case PUBREL:
      case PUBCOMP:
        writeAcknowledgement(this.output, 0, operation === PUBREL ? PUBREL_FIRST_BYTE : operation << 4, identifierOf(options));
        this.send(ACKNOWLEDGEMENT_SIZE);
        break;
      case PINGREQ:
      case DISCONNECT:
        this.writeShort(operation);
        break;
      default:
        throw wrong("operation", "PUBLISH, SUBSCRIBE, UNSUBSCRIBE, PUBACK, PUBREC, PUBREL, PUBCOMP, PINGREQ or DISCONNECT");
    }
  }

  private publish(payload: Uint8Array, options: WriteOptions): void {
    const { QoS = 0, retain, duplicate, byteLength = payload.length } = options;
    // Names of options only where something is wrong: code in flash copies text to the heap whenever it comes across it.
    if (!Number.isInteger(byteLength) || byteLength < payload.length) integer("byteLength", byteLength, payload.length, MAXIMUM_REMAINING_LENGTH);
    const qos = QoS === 0 || QoS === 1 || QoS === 2 ? QoS : checkQoS(QoS, "QoS");
    if (duplicate && qos === 0) throw wrong("duplicate", "false, since QoS is 0");
    const topic = options.topic === this.lastName && this.lastTopic ? this.lastTopic : this.topicOf(options.topic);
    const identifier = qos > 0 ? this.nextIdentifier(options) : 0;
    const flags = (duplicate ? DUP : 0) | (qos << QOS_SHIFT) | (retain ? RETAIN : 0);
    const { output } = this;
    const at = v3.publish(output, 0, topic, flags, identifier, byteLength);
    if (at === NO_ROOM) throw packetSize(topic.bytes.length, output.length);
    this.sendPublish(at, payload);
    if (qos > 0) this.remember(identifier);
    this.remaining = byteLength - payload.length;
  }

  /** Sends what is in `output` up to `at`, and then `payload`; together, when they fit. */
  private sendPublish(at: number, payload: Uint8Array): void {
    const { output } = this;
    const size = at + payload.length;
    this.reserve(size);
    if (size > output.length) this.stream.sendBoth(output, at, payload);
    else {
      output.set(payload, at);
      this.stream.write(output, size);
    }
  }

  private writeFragment(fragment: Uint8Array, options: WriteOptions | null | undefined): void {
    if (options) throw state("a payload is half-way: its rest comes first, without options");
    if (fragment.length > this.remaining) throw wrong("data", `at most the ${this.remaining} bytes that were announced`);
    if (fragment.length > this.stream.free) throw wouldBlock(fragment.length, this.stream.free);
    if (fragment.length > 0) this.stream.send(fragment);
    this.remaining -= fragment.length;
    if (this.remaining === 0) this.later.schedule(0); // what had to wait goes on
  }

  private request(type: number, options: WriteOptions): void {
    const { items } = options;
    if (!items?.length) throw wrong("items", "at least one");
    const filters = items.map(({ topic, QoS = 0 }) => ({
      filter: new TopicFilter(textOf(topic, "topic")),
      qos: checkQoS(QoS, "QoS"),
    }));
    const identifier = this.nextIdentifier(options);
    this.send(v3.request(this.output, type, identifier, filters));
    this.remember(identifier);
  }

  private writeShort(operation: number): void {
    this.output[0] = operation << 4;
    this.output[1] = 0;
    this.send(2);
    if (operation === DISCONNECT) {
      this.state = DISCONNECTED;
      this.timer.schedule(CLOSE_TIMEOUT);
    }
  }

  private send(length: number): void {
    this.reserve(length);
    this.stream.write(this.output, length);
  }

  private reserve(length: number): void {
    if (!this.sendAnswers() || length > this.stream.free) throw wouldBlock(length, this.stream.free);
  }

  private topicOf(name: WriteOptions["topic"]): Topic {
    const topic = new Topic(textOf(name, "topic"));
    if (typeof name !== "string") return topic;
    this.lastName = name;
    this.lastTopic = topic;
    return topic;
  }

  /** The identifier asked for, or the next that is not in use: they wrap from 65,535 to 1 (2.3.1). */
  private nextIdentifier(options: WriteOptions): number {
    if (options.id !== undefined) return identifierOf(options);
    do this.lastIdentifier = (this.lastIdentifier % 0xffff) + 1;
    while (this.unanswered.has(this.lastIdentifier));
    return this.lastIdentifier;
  }

  private remember(identifier: number): void {
    const { unanswered } = this;
    if (!unanswered.full && !unanswered.has(identifier)) unanswered.add(identifier);
  }
}

function bytesOrNone(data: Data): Uint8Array {
  return data ? bytesOf(data, "data") : new Uint8Array(0);
}

function identifierOf(options: WriteOptions): number {
  return integer("id", options.id ?? 0, 1, 0xffff);
}

function state(why: string): MqttError {
  return new MqttError("ERR_STATE", `write: ${why}`, "caller");
}

function wouldBlock(length: number, room: number): MqttError {
  return new MqttError("ERR_WOULD_BLOCK", `write: ${length} bytes, and room for ${Math.max(0, room)}`, "caller");
}
