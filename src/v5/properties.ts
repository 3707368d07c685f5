import { encodeUtf8, Topic, writeLength, wrong } from "../index.js";
import type { QoS } from "../wire/quality-of-service.js";
import { MAXIMUM_STRING } from "../wire/utf8.js";
import { DISCONNECT, SUBSCRIBE } from "../wire/packet-type.js";
import {
  BYTE,
  FOUR_BYTE_INTEGER,
  IDENTIFIER_MASK,
  PACKETS_SHIFT,
  PROPERTIES,
  type PropertyName,
  STRING_PAIR,
  typeOf,
  USER_PROPERTY,
  UTF8_STRING,
  VARIABLE_BYTE_INTEGER,
  WILL,
} from "./property-table.js";

const GIVEN = (1 << WILL) | (1 << SUBSCRIBE) | (1 << DISCONNECT);

/** User properties: names with a value each, or several; or pairs, where the same name is to come again later. */
export type UserProperties = Readonly<Record<string, string | readonly string[]>> | readonly (readonly [string, string])[];

/** What each property holds, by its name in the standard (2.2.2.2). */
export interface PropertyValues {
  /** Whether the payload is UTF-8 text, rather than bytes of any kind. */
  payloadFormatIndicator: boolean;
  /** Seconds that the message is worth being delivered for, 0 to 4,294,967,295. */
  messageExpiryInterval: number;
  contentType: string;
  /** Topic name for the answer to a request. */
  responseTopic: string;
  correlationData: Uint8Array;
  /** 1 to 268,435,455. */
  subscriptionIdentifier: number;
  /** Seconds; 4,294,967,295 means for ever. */
  sessionExpiryInterval: number;
  assignedClientIdentifier: string;
  /** Seconds. */
  serverKeepAlive: number;
  authenticationMethod: string;
  authenticationData: Uint8Array;
  requestProblemInformation: boolean;
  /** Seconds. */
  willDelayInterval: number;
  requestResponseInformation: boolean;
  responseInformation: string;
  serverReference: string;
  reasonString: string;
  receiveMaximum: number;
  topicAliasMaximum: number;
  topicAlias: number;
  maximumQoS: QoS;
  retainAvailable: boolean;
  userProperties: UserProperties;
  maximumPacketSize: number;
  wildcardSubscriptionAvailable: boolean;
  subscriptionIdentifiersAvailable: boolean;
  sharedSubscriptionAvailable: boolean;
}

/** The properties that an application gives; all others are the client's business. */
export type GivenProperties = Partial<
  Pick<
    PropertyValues,
    | "payloadFormatIndicator"
    | "messageExpiryInterval"
    | "contentType"
    | "responseTopic"
    | "correlationData"
    | "subscriptionIdentifier"
    | "sessionExpiryInterval"
    | "willDelayInterval"
    | "reasonString"
    | "userProperties"
  >
>;

/**
 * A list of properties, checked and encoded once, to be given to any number of packets: publishing with it allocates
 * nothing. Costs its bytes and about 20 slots.
 */
export class Properties {
  /** As they stand in a packet, without the length in front. Not to be written to, but by `mqtt-xs/request`. */
  readonly bytes: Uint8Array;
  /** The packet types that all of these properties may stand in: bit n for type n, bit 0 for a will. */
  readonly packets: number;
  /** 0: none. */
  readonly subscriptionIdentifier: number;
  /** Undefined: none. */
  readonly sessionExpiryInterval: number | undefined;

  /** @throws MqttError `ERR_ARGUMENT` that names the property that is wrong; `ERR_TOPIC`. */
  constructor(values: GivenProperties) {
    const bytes: number[] = [];
    let packets = -1;
    for (const name in values) {
      const value: unknown = Reflect.get(values, name);
      if (value === undefined) continue;
      if (!isGiven(name)) throw wrong(name, "a property that an application gives, under its name in MQTT 5.0");
      packets &= append(bytes, name, value) >> PACKETS_SHIFT;
    }
    this.bytes = Uint8Array.from(bytes);
    this.packets = packets;
    this.subscriptionIdentifier = values.subscriptionIdentifier ?? 0;
    this.sessionExpiryInterval = values.sessionExpiryInterval;
  }
}

/** Whether it is for an application to give: in a will or message, a SUBSCRIBE, or a DISCONNECT. */
function isGiven(name: string): name is PropertyName {
  const packets = (PROPERTIES as Partial<Record<string, number>>)[name] ?? 0;
  return ((packets >> PACKETS_SHIFT) & GIVEN) > 0 && name !== "serverReference";
}

/**
 * Adds a property to a list of numbers, of which the lowest eight bits count.
 * @returns what is known of it. @throws MqttError `ERR_ARGUMENT`, `ERR_TOPIC`.
 */
export function append(bytes: number[], name: PropertyName, value: unknown): number {
  const row = PROPERTIES[name];
  const type = typeOf(row);
  if (name === "responseTopic") new Topic(value as string); // to have it throw what is wrong
  if (type === STRING_PAIR) {
    pairsOf(value).forEach((pair) => {
      if (!Array.isArray(pair) || pair.length !== 2) throw wrong(name, "pairs of a name and a value");
      bytes.push(USER_PROPERTY);
      appendContent(bytes, name, pair[0], UTF8_STRING);
      appendContent(bytes, name, pair[1], UTF8_STRING);
    });
  } else {
    bytes.push(row & IDENTIFIER_MASK);
    if (type > FOUR_BYTE_INTEGER) appendContent(bytes, name, value, type);
    else appendNumber(bytes, name, value, type);
  }
  return row;
}

function appendNumber(bytes: number[], name: string, value: unknown, type: number): void {
  const least = type === VARIABLE_BYTE_INTEGER ? 1 : 0;
  const most = 2 ** (least > 0 ? 28 : 8 * type) - 1;
  const number = Number(value);
  if (type === BYTE ? typeof value !== "boolean" : !(Number.isInteger(value) && number >= least && number <= most))
    throw wrong(name, type === BYTE ? "true or false" : `a whole number from ${least} to ${most}`);
  if (least > 0) writeLength(bytes, bytes.length, number);
  else for (let shift = 8 * type; shift > 0; shift -= 8) bytes.push(number >>> (shift - 8));
}

function appendContent(bytes: number[], name: string, value: unknown, type: number): void {
  const content = contentOf(name, value, type);
  bytes.push(content.length >> 8, content.length);
  content.forEach((byte) => bytes.push(byte));
}

/** The bytes of text or data. @throws MqttError `ERR_ARGUMENT` when they are wrong. */
export function contentOf(name: string, value: unknown, type: number): Uint8Array {
  const isText = type === UTF8_STRING;
  const content = isText ? encodeUtf8(value as string) : value;
  if (!(content instanceof Uint8Array) || content.length > MAXIMUM_STRING || (isText && content.includes(0)))
    throw wrong(name, isText ? "text of at most 65535 bytes without U+0000" : "at most 65535 bytes");
  return content;
}

function pairsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (!(value instanceof Object)) throw wrong("userProperties", "names with their values");
  return Object.entries(value as Record<string, string>).flatMap((entry) =>
    [entry[1]].flat().map((text) => [entry[0], text]),
  );
}
