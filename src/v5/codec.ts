import { frame, isTopicName, MqttError, packetSize, put, readLength, wholeNumber, writeLength, wrong } from "../index.js";
import { type Codec as CodecInterface, NO_ROOM } from "../codec/codec.js";
import { INCOMPLETE, MAXIMUM_HEADER, MAXIMUM_REMAINING_LENGTH } from "../wire/frame.js";
import {
  ANY_QOS,
  CONNACK,
  PINGRESP,
  PUBLISH,
  PUBLISH_FIRST_BYTE,
  PUBLISH_FLAGS,
  PUBREL,
  QOS_2,
  RESERVED_FLAGS,
  RETAIN,
  SUBSCRIBE,
} from "../wire/packet-type.js";
import type { Topic as PlainTopic } from "../wire/topic.js";
import { writeConnect } from "./connect.js";
import {
  malformed,
  notSupported,
  PACKET_TOO_LARGE,
  QOS_NOT_SUPPORTED,
  QUOTA_EXCEEDED,
  RETAIN_NOT_SUPPORTED,
  UNSUPPORTED_PROTOCOL_VERSION,
  violation,
} from "./errors.js";
import { isText } from "./is-text.js";
import { ReceivedMessage } from "./message.js";
import type { ClientOptions } from "./options.js";
import type { Properties } from "./properties.js";
import { TOPIC_ALIAS, WILL } from "./property-table.js";
import { mayStandIn } from "./reason-codes.js";
import { ReceivedProperties } from "./received-properties.js";
import { LARGEST_PACKET, readServerLimits, type ServerLimits } from "./server-limits.js";
import type { SubscriptionEntry } from "./subscription-entry.js";
import { TopicAliasTable } from "./topic-alias-table.js";
import type { Topic } from "./topic.js";

const MAXIMUM = 0xffff;
const FOR_EVER = 0xffffffff;
const ALIAS_PROPERTY_SIZE = 3;
/** Set in what a client may give a PUBLISH: what may stand there and in a will. */
const OF_MESSAGE = (1 << PUBLISH) | (1 << WILL);
/** Of a topic name of no bytes, for which an alias stands. */
const NO_NAME_SIZE = 2;
/** What of the flags a server refuses, by its Maximum QoS. */
const REFUSED_QOS: readonly number[] = Object.freeze([ANY_QOS, QOS_2, 0]);
/** The largest packet that has to go out whatever the server announced: an acknowledgement with a reason code. */
const LEAST_PACKET_SIZE = 5;
/** What a server sends has at least so many bytes behind its fixed header, by packet type (2.1.2). */
const LEAST: readonly number[] = Object.freeze([-1, -1, 2, 3, 2, 2, 2, 2, -1, 4, -1, 4, -1, 0, 0, 0]);

/** MQTT 5.0, with what holds for one client: its limits, those of the server, and the topic aliases of the connection. */
export class Codec implements CodecInterface<Properties> {
  readonly protocolVersion = 5;
  /** Of those without a reason code. */
  readonly lengths: Readonly<Partial<Record<number, number>>> = { 0x40: 2, 0x50: 2, 0x62: 2, 0x70: 2, 0xd0: 0 };
  clientId: string;
  cleanStart: boolean;
  /** What CONNECT asks for. */
  readonly sessionExpiryInterval: number;
  /** The properties of what came in last. */
  received: ReceivedProperties;
  server: ServerLimits;
  /** The topic that each alias stands for in this connection, as far as the server is certain to know. */
  readonly aliases: (PlainTopic | undefined)[];
  private aliasLimit = 0;
  private lastAlias = 0;
  private table: TopicAliasTable;
  /** The flags of a PUBLISH that the server does not take, and the largest Remaining Length that it does. */
  private refusedFlags = 0;
  private limit = MAXIMUM_REMAINING_LENGTH;
  private readonly maximumPacketSize: number;
  // The `#` keeps credentials out of what debuggers and consoles print of a client.
  readonly #options: ClientOptions;

  /** @throws MqttError `ERR_ARGUMENT`. */
  constructor(options: ClientOptions) {
    const { clientId = "", clean = true } = options;
    if (typeof clean !== "boolean") throw wrong("clean", "true or false");
    this.#options = options;
    this.clientId = clientId;
    this.cleanStart = clean;
    this.sessionExpiryInterval = options.sessionExpiryInterval ?? (clean ? 0 : FOR_EVER);
    this.maximumPacketSize = wholeNumber(options, "maximumPacketSize", LARGEST_PACKET, 32, LARGEST_PACKET);
    this.aliases = new Array<undefined>(wholeNumber(options, "topicAliases", 8, 0, MAXIMUM) + 1).fill(undefined);
    this.received = new ReceivedProperties(new Uint8Array(0), true); // until there is a buffer
    this.server = readServerLimits(this.received);
    this.table = new TopicAliasTable(0, 0);
  }

  /** Makes what reads from `input`: once, before anything comes in. @throws MqttError `ERR_ARGUMENT`. */
  attach(input: Uint8Array): ReceivedMessage {
    const options = this.#options;
    const size = wholeNumber(options, "topicAliasSize", Math.min(input.length, MAXIMUM), 1, MAXIMUM);
    this.table = new TopicAliasTable(wholeNumber(options, "topicAliasMaximum", 0, 0, MAXIMUM), size);
    this.received = new ReceivedProperties(input, options.requestProblemInformation !== false);
    return new ReceivedMessage(this.received);
  }

  // ---- out -------------------------------------------------------------------------------------------------------

  /** @param authenticationData what the authentication begins with, if anything. */
  connect(bytes: Uint8Array, _options: unknown, authenticationData?: Uint8Array): number {
    this.aliases.fill(undefined);
    this.aliasLimit = 0;
    this.table.clear();
    return writeConnect(bytes, this.#options, this, authenticationData);
  }

  request(bytes: Uint8Array, type: number, identifier: number, entries: readonly SubscriptionEntry[]): number {
    bytes[MAXIMUM_HEADER] = identifier >> 8;
    bytes[MAXIMUM_HEADER + 1] = identifier;
    let at = MAXIMUM_HEADER + 3;
    const list = entries[0].properties?.bytes;
    if (list) at = put(bytes, writeLength(bytes, at - 1, list.length), list);
    else bytes[at - 1] = 0;
    for (let index = 0; index < entries.length; index++) {
      at = put(bytes, at, entries[index].filter.bytes);
      if (type === SUBSCRIBE) bytes[at++] = entries[index].options;
    }
    return frame(bytes, (type << 4) | RESERVED_FLAGS, at);
  }

  /**
   * In one piece, though long: on the way of every message each call would take as many units as five lines here.
   * @param alias given for messages that have been stored; -1 has none put in. Default: the topic's, if it has one.
   */
  publish(
    bytes: Uint8Array,
    at: number,
    topic: PlainTopic & Partial<Topic>,
    flags: number,
    identifier: number,
    payloadLength: number,
    properties?: Properties,
    alias = 0,
  ): number {
    const name = topic.bytes;
    const from = at;
    let nameLength = name.length;
    let listLength = 0;
    if (properties) {
      if ((properties.packets & OF_MESSAGE) !== OF_MESSAGE) throw wrong("properties", "Properties that a PUBLISH may have");
      listLength = properties.bytes.length;
    }
    if (this.aliasLimit > 0 && identifier === 0 && alias === 0) {
      alias = topic.alias || this.assign(topic); // not by `aliasOf`, a call less
      if (alias > this.aliasLimit) alias = 0;
    }
    if (alias > 0) {
      listLength += ALIAS_PROPERTY_SIZE;
      if (this.aliases[alias] === topic) nameLength = NO_NAME_SIZE;
    }
    let head = nameLength + 1 + listLength;
    if (listLength > 0x7f) head += listLength > 0x3fff ? 2 : 1;
    if (identifier > 0) head += 2;
    const length = head + payloadLength;
    if (length > this.limit || flags & this.refusedFlags) {
      if (alias <= 0) throw this.refusal(flags, length);
      return this.publish(bytes, from, topic, flags, identifier, payloadLength, properties, -1); // it fits without, perhaps
    }
    bytes[at] = PUBLISH_FIRST_BYTE | flags;
    if (length < 0x80) bytes[at + 1] = length; // the usual case, without a call
    else at = writeLength(bytes, at + 1, length) - 2;
    at += 2;
    const end = at + head;
    if (end > bytes.length) {
      if (alias <= 0) return NO_ROOM;
      return this.publish(bytes, from, topic, flags, identifier, payloadLength, properties, -1);
    }
    if (nameLength > NO_NAME_SIZE) bytes.set(name, at);
    else bytes[at] = bytes[at + 1] = 0;
    at += nameLength;
    if (identifier > 0) {
      bytes[at] = identifier >> 8;
      bytes[at + 1] = identifier;
      at += 2;
    }
    if (listLength < 0x80) bytes[at] = listLength;
    else at = writeLength(bytes, at, listLength) - 1;
    if (alias > 0) {
      bytes[at + 1] = TOPIC_ALIAS; // `at++` would take eight units more
      bytes[at + 2] = alias >> 8;
      bytes[at + 3] = alias;
      // Nothing is ahead of it at the front, so that it goes out now; elsewhere that is not certain.
      if (nameLength > NO_NAME_SIZE) this.aliases[alias] = from === 0 && payloadLength >= 0 ? topic : undefined;
    }
    if (properties) bytes.set(properties.bytes, end - properties.bytes.length);
    return end;
  }

  /** The alias that goes with a topic; 0 for none. */
  aliasOf(topic: PlainTopic & Partial<Topic>): number {
    const alias = topic.alias || this.assign(topic);
    return alias > this.aliasLimit ? 0 : alias;
  }

  /** Gives a topic an alias, if there is another one, and if it can have one, which plain topics cannot. */
  private assign(topic: PlainTopic & Partial<Topic>): number {
    return topic.alias === 0 && this.lastAlias < this.aliasLimit ? (topic.alias = ++this.lastAlias) : 0;
  }

  /** What the server has against a PUBLISH with these flags and this Remaining Length, if anything: a reason code or 0. */
  refusalOf(flags: number, length: number): number {
    if (length > this.limit) return PACKET_TOO_LARGE;
    if (flags & this.refusedFlags & RETAIN) return RETAIN_NOT_SUPPORTED;
    return flags & this.refusedFlags ? QOS_NOT_SUPPORTED : 0;
  }

  private refusal(flags: number, length: number): MqttError {
    const reasonCode = this.refusalOf(flags, length);
    if (reasonCode === PACKET_TOO_LARGE) return packetSize(length, this.limit);
    return notSupported(reasonCode === RETAIN_NOT_SUPPORTED ? "retained messages" : "such a quality of service", reasonCode);
  }

  // ---- in --------------------------------------------------------------------------------------------------------

  check(first: number, length: number): MqttError | undefined {
    const type = first >> 4;
    const flags = first & 0x0f;
    const least = LEAST[type];
    if (least < 0) return violation(`a server sends no packet of type ${type}`);
    const legal = type === PUBLISH ? (PUBLISH_FLAGS >> flags) & 1 : flags === (type === PUBREL ? RESERVED_FLAGS : 0);
    if (!legal) return malformed(`type ${type} with flags ${flags}`);
    if (length < 0) return undefined;
    if (length < least || (type === PINGRESP && length > 0)) return malformed(`type ${type} of ${length} bytes`);
    const size = length + (length < 0x80 ? 2 : length < 0x4000 ? 3 : length < 0x20_0000 ? 4 : 5);
    if (size > this.maximumPacketSize) return violation("a packet over maximumPacketSize", PACKET_TOO_LARGE);
    if (type !== PUBLISH && size > this.received.bytes.length) return tooLarge("a packet", PACKET_TOO_LARGE);
    return undefined;
  }

  checkConnack(bytes: Uint8Array, at: number, end: number): MqttError | undefined {
    const { received } = this;
    const reasonCode = bytes[at + 1];
    if (end - at === 2 && reasonCode === 1) return refused("it speaks no MQTT 5.0", UNSUPPORTED_PROTOCOL_VERSION); // in 3.1.1
    if (bytes[at] > 1 || end - at === 2) return malformed(`CONNACK with flags ${bytes[at]}`);
    const error = this.checkReason(CONNACK, reasonCode, at + 2, end);
    if (error) return error;
    if (reasonCode !== 0) return refused(this.reason(reasonCode), reasonCode);
    const server = readServerLimits(received);
    this.server = server;
    if (server.maximumPacketSize < LEAST_PACKET_SIZE) return packetSize(LEAST_PACKET_SIZE, server.maximumPacketSize);
    this.refusedFlags = (server.retainAvailable ? 0 : RETAIN) | REFUSED_QOS[server.maximumQoS];
    this.limit = largestRemainingLength(server.maximumPacketSize);
    this.aliasLimit = Math.min(server.topicAliasMaximum, this.aliases.length - 1);
    return undefined;
  }

  /** What is wrong with a reason code and the properties behind it, which go up to `end`. */
  checkReason(type: number, reasonCode: number, at: number, end: number): MqttError | undefined {
    const { received } = this;
    received.clear();
    if (!mayStandIn(type, reasonCode)) return violation(`reason code ${reasonCode} in a packet of type ${type}`);
    const error = at < end ? received.take(at, end, type) : undefined;
    return error ?? (at < end && received.limit !== end ? malformed("more than properties") : undefined);
  }

  /** In words, for people. */
  reason(reasonCode: number): string {
    const text = this.received.get("reasonString");
    return `reason code 0x${reasonCode.toString(16)}${text === undefined ? "" : `, "${text}"`}`;
  }

  checkCodes(codes: Uint8Array, type: number): MqttError | undefined {
    const areRight = codes.length > 0 && codes.every((code) => mayStandIn(type, code));
    return areRight ? undefined : violation("an answer with wrong codes");
  }

  readPublish(parts: ReceivedMessage, at: number, end: number, received: number): MqttError | undefined {
    const bytes = parts.bytes;
    const topicStart = at + 2;
    const topicEnd = topicStart + ((bytes[at] << 8) | bytes[at + 1]);
    const list = parts.flags & ANY_QOS ? topicEnd + 2 : topicEnd;
    if (list >= end) return malformed("PUBLISH with a topic past its end");
    let start = list + 1 + bytes[list];
    if (list >= received || bytes[list] > 0x7f) {
      const header = readLength(bytes, list, Math.min(end, received));
      start = header > 0 ? list + (header & 7) + (header >>> 3) : end; // where properties are too long for a length to fit, too
      if (header < 0 || (header === INCOMPLETE && received >= end)) start++;
    }
    if (start > end) return malformed("PUBLISH with properties past its end");
    if (start > received) return tooLarge("topic and properties", QUOTA_EXCEEDED);
    parts.code = 0;
    parts.topicStart = topicStart;
    parts.topicEnd = topicEnd;
    parts.start = start;
    parts.topicBytes = bytes;
    parts.topicView = parts.view;
    const properties = parts.properties;
    if (list > topicEnd) {
      parts.identifier = (bytes[topicEnd] << 8) | bytes[topicEnd + 1];
      if (parts.identifier === 0) return violation("identifier 0");
    }
    if (start === list + 1) properties.clear();
    else {
      const error = properties.take(list, start, PUBLISH);
      if (error) return error;
    }
    if (topicStart < topicEnd && !isTopicName(bytes, parts.view, topicStart, topicEnd)) return wrongTopic(parts);
    if (properties.topicAlias > 0) return this.table.resolve(parts, properties.topicAlias);
    return topicStart < topicEnd ? undefined : violation("PUBLISH with neither topic nor alias");
  }
}

function wrongTopic({ bytes, view, topicStart, topicEnd }: ReceivedMessage): MqttError {
  const isUtf8 = isText(bytes, view, topicStart, topicEnd);
  return isUtf8 ? violation("a topic name with wildcards") : malformed("a topic that is not UTF-8");
}

function refused(why: string, reasonCode: number): MqttError {
  return new MqttError("ERR_CONNECTION_REFUSED", `refused by the server: ${why}`, "server", reasonCode);
}

function tooLarge(what: string, reasonCode: number): MqttError {
  return new MqttError("ERR_RECEIVE_SIZE", `${what}: larger than packetSize`, "resources", reasonCode);
}

/** The largest Remaining Length of packets of up to `size` bytes. */
function largestRemainingLength(size: number): number {
  return size - (size < 0x82 ? 2 : size < 0x4003 ? 3 : size < 0x20_0004 ? 4 : 5);
}
