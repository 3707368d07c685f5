import { wrong } from "../errors.js";
import { Topic } from "../index.js";
import type { QoS } from "../wire/quality-of-service.js";
import { encodeUtf8, MAXIMUM_STRING } from "../wire/utf8.js";
import {
  BINARY_DATA,
  BYTE,
  FOUR_BYTE_INTEGER,
  IDENTIFIER_MASK,
  NOT_GIVEN,
  PACKETS_SHIFT,
  PROPERTIES,
  type PropertyName,
  STRING_PAIR,
  typeOf,
  TWO_BYTE_INTEGER,
  UTF8_STRING,
  VARIABLE_BYTE_INTEGER,
} from "./property-table.js";

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

/** The largest variable byte integer (1.5.5). */
const MAXIMUM_VARIABLE = 0xfffffff;

/**
 * A list of properties, checked and encoded once, to be given to any number of packets: publishing with it allocates
 * nothing. Costs its bytes and about 20 slots.
 */
export class Properties {
  /** As they stand in a packet, without the length in front. Not to be written to. */
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
      if (value !== undefined) packets &= append(bytes, name as PropertyName, value) >> PACKETS_SHIFT;
    }
    this.bytes = Uint8Array.from(bytes);
    this.packets = packets;
    this.subscriptionIdentifier = values.subscriptionIdentifier ?? 0;
    this.sessionExpiryInterval = values.sessionExpiryInterval;
  }
}

/** Adds a property to a list. @returns what is known of it. @throws MqttError `ERR_ARGUMENT`, `ERR_TOPIC`. */
export function append(bytes: number[], name: PropertyName, value: unknown): number {
  const row = (PROPERTIES as Partial<typeof PROPERTIES>)[name] ?? 0;
  const identifier = row & IDENTIFIER_MASK;
  const type = typeOf(row);
  if (name === "responseTopic") new Topic(value as string); // to have it throw what is wrong
  switch (type) {
    case BYTE:
      if (typeof value !== "boolean") throw wrong(name, "true or false");
      bytes.push(identifier, Number(value));
      break;
    case TWO_BYTE_INTEGER:
    case FOUR_BYTE_INTEGER:
      bytes.push(identifier);
      appendInteger(bytes, name, value, type);
      break;
    case VARIABLE_BYTE_INTEGER:
      bytes.push(identifier);
      appendVariable(bytes, name, value);
      break;
    case BINARY_DATA:
    case UTF8_STRING:
      bytes.push(identifier);
      appendContent(bytes, name, value, type);
      break;
    case STRING_PAIR:
      for (const [key, text] of pairsOf(value)) {
        bytes.push(identifier);
        appendContent(bytes, name, key, UTF8_STRING);
        appendContent(bytes, name, text, UTF8_STRING);
      }
      break;
    default:
  }
  if (type === 0 || row & NOT_GIVEN) throw wrong(name, "a property that an application gives, under its name in MQTT 5.0");
  return row;
}

function appendInteger(bytes: number[], name: string, value: unknown, size: number): void {
  const limit = 2 ** (8 * size);
  if (!(Number.isInteger(value) && Number(value) >= 0 && Number(value) < limit)) throw wrong(name, `0 to ${limit - 1}`);
  for (let shift = size - 1; shift >= 0; shift--) bytes.push((Number(value) >>> (8 * shift)) & 0xff);
}

function appendVariable(bytes: number[], name: string, value: unknown): void {
  let rest = Number(value);
  if (!(Number.isInteger(value) && rest > 0 && rest <= MAXIMUM_VARIABLE)) throw wrong(name, `1 to ${MAXIMUM_VARIABLE}`);
  for (; rest > 0x7f; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
}

function appendContent(bytes: number[], name: string, value: unknown, type: number): void {
  const content = contentOf(name, value, type);
  bytes.push(content.length >> 8, content.length & 0xff);
  content.forEach((byte) => bytes.push(byte));
}

/** The bytes of text or data. @throws MqttError `ERR_ARGUMENT` when they are wrong. */
export function contentOf(name: string, value: unknown, type: number): Uint8Array {
  const content = type === UTF8_STRING ? encodeUtf8(value as string) : value;
  if (!(content instanceof Uint8Array) || content.length > MAXIMUM_STRING || (type === UTF8_STRING && content.includes(0)))
    throw wrong(name, `at most 65535 bytes${type === UTF8_STRING ? ", as text without U+0000" : ""}`);
  return content;
}

function pairsOf(value: unknown): readonly (readonly [string, string])[] {
  if (Array.isArray(value)) return value as [string, string][];
  return Object.entries(Object(value) as Record<string, string>).flatMap(([name, texts]) =>
    [texts].flat().map((text) => [name, text] as const),
  );
}
