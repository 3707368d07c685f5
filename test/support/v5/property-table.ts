// Table 2-4 of the MQTT 5.0 standard, with what the sections on each packet say of values and of who may send a property.

/** How a value is written, and which there are: a `flag` is a byte of 0 or 1, and 0 is none of those that are `positive`. */
export type PropertyType =
  | "flag"
  | "uint16"
  | "positive uint16"
  | "uint32"
  | "positive uint32"
  | "positive variable byte integer"
  | "text"
  | "binary"
  | "pair";

/** Where properties stand: in a packet, or in the Will Properties of CONNECT (3.1.3.2). */
export type PropertyPlace =
  | "CONNECT"
  | "WILL"
  | "CONNACK"
  | "PUBLISH"
  | "PUBACK"
  | "PUBREC"
  | "PUBREL"
  | "PUBCOMP"
  | "SUBSCRIBE"
  | "SUBACK"
  | "UNSUBSCRIBE"
  | "UNSUBACK"
  | "DISCONNECT"
  | "AUTH";

interface PropertyRow {
  readonly identifier: number;
  readonly type: PropertyType;
  /** Where a client may send it. */
  readonly client: readonly PropertyPlace[];
  /** Where a server may send it. */
  readonly server: readonly PropertyPlace[];
}

/** Every property by the name that the standard gives it, in camelCase. */
export const PROPERTIES = {
  payloadFormatIndicator: { identifier: 0x01, type: "flag", client: ["PUBLISH", "WILL"], server: ["PUBLISH"] },
  messageExpiryInterval: { identifier: 0x02, type: "uint32", client: ["PUBLISH", "WILL"], server: ["PUBLISH"] },
  contentType: { identifier: 0x03, type: "text", client: ["PUBLISH", "WILL"], server: ["PUBLISH"] },
  responseTopic: { identifier: 0x08, type: "text", client: ["PUBLISH", "WILL"], server: ["PUBLISH"] },
  correlationData: { identifier: 0x09, type: "binary", client: ["PUBLISH", "WILL"], server: ["PUBLISH"] },
  // A client's PUBLISH has none [MQTT-3.3.4-6].
  subscriptionIdentifier: {
    identifier: 0x0b,
    type: "positive variable byte integer",
    client: ["SUBSCRIBE"],
    server: ["PUBLISH"],
  },
  // A server's DISCONNECT has none [MQTT-3.14.2-2].
  sessionExpiryInterval: { identifier: 0x11, type: "uint32", client: ["CONNECT", "DISCONNECT"], server: ["CONNACK"] },
  assignedClientIdentifier: { identifier: 0x12, type: "text", client: [], server: ["CONNACK"] },
  serverKeepAlive: { identifier: 0x13, type: "uint16", client: [], server: ["CONNACK"] },
  authenticationMethod: { identifier: 0x15, type: "text", client: ["CONNECT", "AUTH"], server: ["CONNACK", "AUTH"] },
  authenticationData: { identifier: 0x16, type: "binary", client: ["CONNECT", "AUTH"], server: ["CONNACK", "AUTH"] },
  requestProblemInformation: { identifier: 0x17, type: "flag", client: ["CONNECT"], server: [] },
  willDelayInterval: { identifier: 0x18, type: "uint32", client: ["WILL"], server: [] },
  requestResponseInformation: { identifier: 0x19, type: "flag", client: ["CONNECT"], server: [] },
  responseInformation: { identifier: 0x1a, type: "text", client: [], server: ["CONNACK"] },
  // 3.14.2.2.5: "The Server sends DISCONNECT including a Server Reference".
  serverReference: { identifier: 0x1c, type: "text", client: [], server: ["CONNACK", "DISCONNECT"] },
  reasonString: {
    identifier: 0x1f,
    type: "text",
    client: ["PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "DISCONNECT", "AUTH"],
    server: ["CONNACK", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBACK", "UNSUBACK", "DISCONNECT", "AUTH"],
  },
  receiveMaximum: { identifier: 0x21, type: "positive uint16", client: ["CONNECT"], server: ["CONNACK"] },
  topicAliasMaximum: { identifier: 0x22, type: "uint16", client: ["CONNECT"], server: ["CONNACK"] },
  topicAlias: { identifier: 0x23, type: "positive uint16", client: ["PUBLISH"], server: ["PUBLISH"] },
  maximumQoS: { identifier: 0x24, type: "flag", client: [], server: ["CONNACK"] },
  retainAvailable: { identifier: 0x25, type: "flag", client: [], server: ["CONNACK"] },
  userProperty: {
    identifier: 0x26,
    type: "pair",
    client: [
      "CONNECT",
      "WILL",
      "PUBLISH",
      "PUBACK",
      "PUBREC",
      "PUBREL",
      "PUBCOMP",
      "SUBSCRIBE",
      "UNSUBSCRIBE",
      "DISCONNECT",
      "AUTH",
    ],
    server: [
      "CONNACK",
      "PUBLISH",
      "PUBACK",
      "PUBREC",
      "PUBREL",
      "PUBCOMP",
      "SUBACK",
      "UNSUBACK",
      "DISCONNECT",
      "AUTH",
    ],
  },
  maximumPacketSize: { identifier: 0x27, type: "positive uint32", client: ["CONNECT"], server: ["CONNACK"] },
  wildcardSubscriptionAvailable: { identifier: 0x28, type: "flag", client: [], server: ["CONNACK"] },
  subscriptionIdentifiersAvailable: { identifier: 0x29, type: "flag", client: [], server: ["CONNACK"] },
  sharedSubscriptionAvailable: { identifier: 0x2a, type: "flag", client: [], server: ["CONNACK"] },
} as const satisfies Record<string, PropertyRow>;

type Table = typeof PROPERTIES;

/** The name of a property. */
export type PropertyName = keyof Table;

/** The names of all properties, in the order of their identifiers. */
export const PROPERTY_NAMES: readonly PropertyName[] = Object.keys(PROPERTIES).filter(isPropertyName);

/** Whether there is a property of this name. */
export function isPropertyName(name: string): name is PropertyName {
  return Object.hasOwn(PROPERTIES, name);
}

/** The name of the property with this identifier, or `undefined`. */
export function propertyNamed(identifier: number): PropertyName | undefined {
  return PROPERTY_NAMES.find((name) => PROPERTIES[name].identifier === identifier);
}

/** The names of the properties that `sender` may send in `place`, in the order of their identifiers. */
export function namesOf(sender: "client" | "server", place: PropertyPlace): readonly PropertyName[] {
  return PROPERTY_NAMES.filter((name) => {
    const places: readonly PropertyPlace[] = PROPERTIES[name][sender];
    return places.includes(place);
  });
}

/** What a property of this type is read as. */
export type ValueOfType<Type extends PropertyType> = Type extends "text"
  ? string
  : Type extends "binary"
    ? Uint8Array
    : Type extends "pair"
      ? readonly [name: string, value: string]
      : number;

type ClientNames<Place extends PropertyPlace> = {
  [Name in PropertyName]: Place extends Table[Name]["client"][number] ? Name : never;
}[PropertyName];

/** What a client sends once at most in `Place`; those that it left out are not there. */
type SingleProperties<Place extends PropertyPlace> = {
  readonly [Name in Exclude<ClientNames<Place>, "userProperty">]?: ValueOfType<Table[Name]["type"]> | undefined;
};

/**
 * The properties that a client has sent in `Place`, by their names; those that it left out are not there. In what a test expects,
 * `undefined` says that a property must not be there.
 */
export type ClientProperties<Place extends PropertyPlace> = SingleProperties<Place> & {
  /** Every User Property, in order. */
  readonly userProperties?: readonly (readonly [name: string, value: string])[] | undefined;
};
