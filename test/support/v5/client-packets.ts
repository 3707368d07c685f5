// A strict reader of what clients send, written from the MQTT 5.0 standard alone and with nothing from src. It looks at one packet
// at a time: what depends on earlier ones (aliases, flow control, sessions) is for the tests; whether a payload is the UTF-8 that
// payloadFormatIndicator says, for the application that sent it.

import { parseAll, parseFirst, type Cursor, type PacketOf, type QoS } from "../packets.js";
import { PropertiesCursor } from "./properties-cursor.js";
import type { ClientProperties } from "./property-table.js";
import { checkClientReasonCode } from "./reason-codes.js";
import { checkTopicFilter, checkTopicName, isShared } from "./topics.js";

/** Control packet types (2.1.2), by their number. */
const TYPE_NAMES = [
  "RESERVED_0",
  "CONNECT",
  "CONNACK",
  "PUBLISH",
  "PUBACK",
  "PUBREC",
  "PUBREL",
  "PUBCOMP",
  "SUBSCRIBE",
  "SUBACK",
  "UNSUBSCRIBE",
  "UNSUBACK",
  "PINGREQ",
  "PINGRESP",
  "DISCONNECT",
  "AUTH",
] as const;

/** The Will of a CONNECT (3.1.2.5, 3.1.3.2 to 3.1.3.4). */
export interface WillFields {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties: ClientProperties<"WILL">;
}

/** One line of a SUBSCRIBE (3.8.3). */
export interface SubscriptionFields {
  readonly topicFilter: string;
  readonly qos: QoS;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly retainHandling: number;
}

/** What PUBACK, PUBREC, PUBREL and PUBCOMP have; what was left out of the packet reads as 0x00 and no properties. */
interface AcknowledgementFields<Type extends "PUBACK" | "PUBREC" | "PUBREL" | "PUBCOMP"> {
  readonly identifier: number;
  readonly reasonCode: number;
  readonly properties: ClientProperties<Type>;
}

/** The fields of every packet that a client may send. */
export interface ClientPacketFields {
  CONNECT: {
    readonly protocolName: string;
    readonly protocolVersion: number;
    readonly cleanStart: boolean;
    /** Seconds. */
    readonly keepalive: number;
    readonly properties: ClientProperties<"CONNECT">;
    readonly clientId: string;
    readonly will: WillFields | undefined;
    readonly username: string | undefined;
    readonly password: Uint8Array | undefined;
  };
  PUBLISH: {
    /** Empty where a Topic Alias stands for it. */
    readonly topic: string;
    readonly payload: Uint8Array;
    readonly qos: QoS;
    readonly retain: boolean;
    readonly dup: boolean;
    /** 0 with QoS 0, which has none. */
    readonly identifier: number;
    readonly properties: ClientProperties<"PUBLISH">;
  };
  PUBACK: AcknowledgementFields<"PUBACK">;
  PUBREC: AcknowledgementFields<"PUBREC">;
  PUBREL: AcknowledgementFields<"PUBREL">;
  PUBCOMP: AcknowledgementFields<"PUBCOMP">;
  SUBSCRIBE: {
    readonly identifier: number;
    readonly properties: ClientProperties<"SUBSCRIBE">;
    readonly subscriptions: readonly SubscriptionFields[];
  };
  UNSUBSCRIBE: {
    readonly identifier: number;
    readonly properties: ClientProperties<"UNSUBSCRIBE">;
    readonly topicFilters: readonly string[];
  };
  PINGREQ: object;
  DISCONNECT: { readonly reasonCode: number; readonly properties: ClientProperties<"DISCONNECT"> };
  AUTH: { readonly reasonCode: number; readonly properties: ClientProperties<"AUTH"> };
}

/** The name of a packet that a client may send. */
export type ClientPacketType = keyof ClientPacketFields;

/** One packet from a client: its name, its fields, its bytes. */
export type ClientPacket<Type extends ClientPacketType = ClientPacketType> = PacketOf<ClientPacketFields, Type>;

/** Takes the first packet off `bytes`; `undefined` when there is no whole packet. Throws where the standard is broken. */
export function firstPacket(bytes: Uint8Array): ClientPacket | undefined {
  return parseFirst(bytes, parse);
}

/** All packets in `bytes`; throws where the standard is broken, and when the last one is cut off. */
export function parsePackets(bytes: Uint8Array): ClientPacket[] {
  return parseAll(bytes, firstPacket);
}

function parse(bytes: Uint8Array, content: Cursor): ClientPacket {
  const type = TYPE_NAMES[bytes[0] >> 4];
  const flags = bytes[0] & 15;
  if (type !== "PUBLISH") checkFlags(type, flags);
  const cursor = new PropertiesCursor(content.take(content.left));
  const result = parseContent(type, flags, bytes, cursor);
  cursor.end();
  return result;
}

/** Table 2-2: what the low four bits must be. */
function checkFlags(type: string, flags: number): void {
  const required = type === "PUBREL" || type === "SUBSCRIBE" || type === "UNSUBSCRIBE" ? 2 : 0;
  if (flags !== required) throw new Error(`flags ${flags} of ${type} [MQTT-2.1.3-1]`);
}

function parseContent(
  type: (typeof TYPE_NAMES)[number],
  flags: number,
  bytes: Uint8Array,
  cursor: PropertiesCursor,
): ClientPacket {
  switch (type) {
    case "CONNECT":
      return { type, bytes, ...connectFields(cursor) };
    case "PUBLISH":
      return { type, bytes, ...publishFields(flags, cursor) };
    case "PUBACK":
      return { type, bytes, ...acknowledgementFields(type, cursor) };
    case "PUBREC":
      return { type, bytes, ...acknowledgementFields(type, cursor) };
    case "PUBREL":
      return { type, bytes, ...acknowledgementFields(type, cursor) };
    case "PUBCOMP":
      return { type, bytes, ...acknowledgementFields(type, cursor) };
    case "SUBSCRIBE":
      return { type, bytes, ...subscribeFields(cursor) };
    case "UNSUBSCRIBE":
      return { type, bytes, ...unsubscribeFields(cursor) };
    case "PINGREQ":
      return { type, bytes };
    case "DISCONNECT":
      return { type, bytes, ...disconnectFields(cursor) };
    case "AUTH":
      return { type, bytes, ...authFields(cursor) };
    default:
      throw new Error(`a client may not send ${type}`);
  }
}

function connectFields(cursor: PropertiesCursor): ClientPacketFields["CONNECT"] {
  const protocolName = cursor.string();
  const protocolVersion = cursor.byte();
  if (protocolName !== "MQTT" || protocolVersion !== 5) throw new Error("not MQTT 5.0 [MQTT-3.1.2-1] [MQTT-3.1.2-2]");
  const flags = cursor.byte();
  checkConnectFlags(flags);
  const keepalive = cursor.uint16();
  const properties = cursor.clientProperties("CONNECT");
  if (properties.authenticationData !== undefined && properties.authenticationMethod === undefined)
    throw new Error("Authentication Data without Authentication Method (3.1.2.11.10)");
  const clientId = cursor.string();
  const will = (flags & 0x04) === 0 ? undefined : willFields(flags, cursor);
  const username = (flags & 0x80) === 0 ? undefined : cursor.string();
  const password = (flags & 0x40) === 0 ? undefined : cursor.binary();
  const cleanStart = (flags & 2) !== 0;
  return { protocolName, protocolVersion, cleanStart, keepalive, properties, clientId, will, username, password };
}

function checkConnectFlags(flags: number): void {
  if ((flags & 0x01) !== 0) throw new Error("the reserved Connect Flag is set [MQTT-3.1.2-3]");
  if ((flags & 0x04) === 0 && (flags & 0x18) !== 0) throw new Error("Will QoS without a Will [MQTT-3.1.2-11]");
  if ((flags & 0x04) === 0 && (flags & 0x20) !== 0) throw new Error("Will Retain without a Will [MQTT-3.1.2-13]");
}

function willFields(flags: number, cursor: PropertiesCursor): WillFields {
  const qos = cursor.qos((flags >> 3) & 3);
  const properties = cursor.clientProperties("WILL");
  checkResponseTopic(properties.responseTopic);
  const topic = cursor.string();
  checkTopicName(topic);
  return { topic, payload: cursor.binary(), qos, retain: (flags & 0x20) !== 0, properties };
}

function publishFields(flags: number, cursor: PropertiesCursor): ClientPacketFields["PUBLISH"] {
  const qos = cursor.qos((flags >> 1) & 3);
  const dup = (flags & 8) !== 0;
  if (dup && qos === 0) throw new Error("DUP with QoS 0 [MQTT-3.3.1-2]");
  const topic = cursor.string();
  const identifier = qos === 0 ? 0 : cursor.identifier();
  const properties = cursor.clientProperties("PUBLISH");
  checkResponseTopic(properties.responseTopic);
  if (topic !== "" || properties.topicAlias === undefined) checkTopicName(topic);
  return { topic, payload: cursor.take(cursor.left), qos, retain: (flags & 1) !== 0, dup, identifier, properties };
}

/** A Response Topic is a Topic Name (3.3.2.3.5). */
function checkResponseTopic(topic: string | undefined): void {
  if (topic !== undefined) checkTopicName(topic);
}

/** 3.4.2: the Reason Code may be missing, and Property Length too. */
function acknowledgementFields<Type extends "PUBACK" | "PUBREC" | "PUBREL" | "PUBCOMP">(
  type: Type,
  cursor: PropertiesCursor,
): AcknowledgementFields<Type> {
  const identifier = cursor.identifier();
  const reasonCode = cursor.left > 0 ? cursor.byte() : 0;
  checkClientReasonCode(type, reasonCode);
  return { identifier, reasonCode, properties: trailingProperties(type, cursor) };
}

function subscribeFields(cursor: PropertiesCursor): ClientPacketFields["SUBSCRIBE"] {
  const identifier = cursor.identifier();
  const properties = cursor.clientProperties("SUBSCRIBE");
  const subscriptions: SubscriptionFields[] = [];
  do subscriptions.push(subscriptionFields(cursor));
  while (cursor.left > 0);
  return { identifier, properties, subscriptions };
}

function subscriptionFields(cursor: PropertiesCursor): SubscriptionFields {
  const topicFilter = cursor.string();
  checkTopicFilter(topicFilter);
  const options = cursor.byte();
  if ((options & 0xc0) !== 0) throw new Error("reserved Subscription Options are set [MQTT-3.8.3-5]");
  const noLocal = (options & 4) !== 0;
  if (noLocal && isShared(topicFilter)) throw new Error("No Local on a Shared Subscription [MQTT-3.8.3-4]");
  const retainHandling = (options >> 4) & 3;
  if (retainHandling === 3) throw new Error("Retain Handling 3 (3.8.3.1)");
  return { topicFilter, qos: cursor.qos(options & 3), noLocal, retainAsPublished: (options & 8) !== 0, retainHandling };
}

function unsubscribeFields(cursor: PropertiesCursor): ClientPacketFields["UNSUBSCRIBE"] {
  const identifier = cursor.identifier();
  const properties = cursor.clientProperties("UNSUBSCRIBE");
  const topicFilters: string[] = [];
  do topicFilters.push(topicFilter(cursor));
  while (cursor.left > 0);
  return { identifier, properties, topicFilters };
}

function topicFilter(cursor: PropertiesCursor): string {
  const filter = cursor.string();
  checkTopicFilter(filter);
  return filter;
}

/** 3.14.2: everything may be missing. */
function disconnectFields(cursor: PropertiesCursor): ClientPacketFields["DISCONNECT"] {
  const reasonCode = cursor.left > 0 ? cursor.byte() : 0;
  checkClientReasonCode("DISCONNECT", reasonCode);
  return { reasonCode, properties: trailingProperties("DISCONNECT", cursor) };
}

/** 3.15.2: what may be missing is for a Reason Code that no client sends. */
function authFields(cursor: PropertiesCursor): ClientPacketFields["AUTH"] {
  const reasonCode = cursor.byte();
  checkClientReasonCode("AUTH", reasonCode);
  const properties = cursor.clientProperties("AUTH");
  if (properties.authenticationMethod === undefined) throw new Error("AUTH without Authentication Method (3.15.2.2.2)");
  return { reasonCode, properties };
}

function trailingProperties<Type extends "PUBACK" | "PUBREC" | "PUBREL" | "PUBCOMP" | "DISCONNECT">(
  type: Type,
  cursor: PropertiesCursor,
): ClientProperties<Type> {
  // Where nothing follows, Property Length was left out, and 0 is meant.
  return (cursor.left > 0 ? cursor : new PropertiesCursor(Uint8Array.of(0))).clientProperties(type);
}
