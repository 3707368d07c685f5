import {
  AUTH,
  CONNACK,
  CONNECT,
  DISCONNECT,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  PUBREL,
  SUBACK,
  SUBSCRIBE,
  UNSUBACK,
  UNSUBSCRIBE,
} from "../wire/packet-type.js";

// The properties of MQTT 5.0 (2.2.2.2), each in one number, so that all of them take little room: its identifier in the
// lowest 6 bits, its type in the next 3, and from `PACKETS_SHIFT` on one bit for every packet type that it may stand in.

export const IDENTIFIER_MASK = 0x3f;
export const TYPE_SHIFT = 6;
export const TYPE_MASK = 7;
export const PACKETS_SHIFT = 9;

// Types of values (1.5). Those of integers are their length in bytes.
export const BYTE = 1;
export const TWO_BYTE_INTEGER = 2;
export const FOUR_BYTE_INTEGER = 4;
export const VARIABLE_BYTE_INTEGER = 3;
export const BINARY_DATA = 5;
export const UTF8_STRING = 6;
export const STRING_PAIR = 7;

/** Stands for the will, whose properties are a list of their own (3.1.3.2), among the packet types. */
export const WILL = 0;
const IN_WILL = 1 << (PACKETS_SHIFT + WILL);
const IN_CONNECT = 1 << (PACKETS_SHIFT + CONNECT);
const IN_CONNACK = 1 << (PACKETS_SHIFT + CONNACK);
const IN_PUBLISH = 1 << (PACKETS_SHIFT + PUBLISH);
const IN_SUBSCRIBE = 1 << (PACKETS_SHIFT + SUBSCRIBE);
const IN_DISCONNECT = 1 << (PACKETS_SHIFT + DISCONNECT);
const IN_AUTH = 1 << (PACKETS_SHIFT + AUTH);
/** Set where the value may not be 0. */
export const NOT_ZERO = 1 << 25;
const IN_MESSAGE = IN_PUBLISH | IN_WILL;
const IN_SESSION = IN_CONNECT | IN_CONNACK;
const IN_ANSWERS =
  IN_CONNACK |
  IN_DISCONNECT |
  IN_AUTH |
  ((1 << (PACKETS_SHIFT + PUBACK)) |
    (1 << (PACKETS_SHIFT + PUBREC)) |
    (1 << (PACKETS_SHIFT + PUBREL)) |
    (1 << (PACKETS_SHIFT + PUBCOMP)) |
    (1 << (PACKETS_SHIFT + SUBACK)) |
    (1 << (PACKETS_SHIFT + UNSUBACK)));
const ANYWHERE = IN_ANSWERS | IN_MESSAGE | IN_CONNECT | IN_SUBSCRIBE | (1 << (PACKETS_SHIFT + UNSUBSCRIBE));

const IS_BYTE = BYTE << TYPE_SHIFT;
const IS_TWO_BYTES = TWO_BYTE_INTEGER << TYPE_SHIFT;
const IS_FOUR_BYTES = FOUR_BYTE_INTEGER << TYPE_SHIFT;
const IS_VARIABLE = VARIABLE_BYTE_INTEGER << TYPE_SHIFT;
const IS_BINARY = BINARY_DATA << TYPE_SHIFT;
const IS_TEXT = UTF8_STRING << TYPE_SHIFT;

export const SUBSCRIPTION_IDENTIFIER = 11;
export const REASON_STRING = 31;
export const TOPIC_ALIAS = 35;
export const USER_PROPERTY = 38;
export const RESPONSE_TOPIC = 8;

/** What is known of each property, under its name in the standard. */
export const PROPERTIES = Object.freeze({
  payloadFormatIndicator: 1 | IS_BYTE | IN_MESSAGE,
  messageExpiryInterval: 2 | IS_FOUR_BYTES | IN_MESSAGE,
  contentType: 3 | IS_TEXT | IN_MESSAGE,
  responseTopic: RESPONSE_TOPIC | IS_TEXT | IN_MESSAGE,
  correlationData: 9 | IS_BINARY | IN_MESSAGE,
  subscriptionIdentifier: SUBSCRIPTION_IDENTIFIER | IS_VARIABLE | IN_PUBLISH | IN_SUBSCRIBE | NOT_ZERO,
  sessionExpiryInterval: 17 | IS_FOUR_BYTES | IN_SESSION | IN_DISCONNECT,
  assignedClientIdentifier: 18 | IS_TEXT | IN_CONNACK,
  serverKeepAlive: 19 | IS_TWO_BYTES | IN_CONNACK,
  authenticationMethod: 21 | IS_TEXT | IN_SESSION | IN_AUTH,
  authenticationData: 22 | IS_BINARY | IN_SESSION | IN_AUTH,
  requestProblemInformation: 23 | IS_BYTE | IN_CONNECT,
  willDelayInterval: 24 | IS_FOUR_BYTES | IN_WILL,
  requestResponseInformation: 25 | IS_BYTE | IN_CONNECT,
  responseInformation: 26 | IS_TEXT | IN_CONNACK,
  serverReference: 28 | IS_TEXT | IN_CONNACK | IN_DISCONNECT,
  reasonString: REASON_STRING | IS_TEXT | IN_ANSWERS,
  receiveMaximum: 33 | IS_TWO_BYTES | IN_SESSION | NOT_ZERO,
  topicAliasMaximum: 34 | IS_TWO_BYTES | IN_SESSION,
  topicAlias: TOPIC_ALIAS | IS_TWO_BYTES | IN_PUBLISH | NOT_ZERO,
  maximumQoS: 36 | IS_BYTE | IN_CONNACK,
  retainAvailable: 37 | IS_BYTE | IN_CONNACK,
  userProperties: USER_PROPERTY | (STRING_PAIR << TYPE_SHIFT) | ANYWHERE,
  maximumPacketSize: 39 | IS_FOUR_BYTES | IN_SESSION | NOT_ZERO,
  wildcardSubscriptionAvailable: 40 | IS_BYTE | IN_CONNACK,
  subscriptionIdentifiersAvailable: 41 | IS_BYTE | IN_CONNACK,
  sharedSubscriptionAvailable: 42 | IS_BYTE | IN_CONNACK,
});

/** The name of a property. */
export type PropertyName = keyof typeof PROPERTIES;

/** The same by identifier; undefined where there is none. Made when the module is: on a device that is at build time. */
export const BY_IDENTIFIER: readonly (number | undefined)[] = byIdentifier();

function byIdentifier(): readonly (number | undefined)[] {
  const rows: (number | undefined)[] = [];
  for (const name in PROPERTIES) {
    const row = PROPERTIES[name as PropertyName];
    rows[row & IDENTIFIER_MASK] = row;
  }
  return Object.freeze(rows);
}

/** The type of a property's value. */
export function typeOf(row: number): number {
  return (row >> TYPE_SHIFT) & TYPE_MASK;
}
