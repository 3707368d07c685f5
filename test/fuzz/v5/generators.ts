import * as fc from "fast-check";
import {
  auth,
  disconnect,
  pingresp,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  suback,
  unsuback,
  concat,
  type Form,
  type Property,
  type QoS,
} from "../../support/v5/packets.js";
import { identifier, payload, strayIdentifier, topicName } from "../generators.js";
import { AUTHENTICATION_METHOD, LIMITS, OWN } from "./prepared-client.js";
import { serverList } from "./property-generators.js";

/** Four kinds of packets that have the same parts. */
export type AcknowledgementType = "PUBACK" | "PUBREC" | "PUBREL" | "PUBCOMP";

/** One of these. */
export interface AcknowledgementPacket<Type extends AcknowledgementType = AcknowledgementType> {
  readonly type: Type;
  readonly identifier: number;
  readonly reasonCode: number;
  readonly properties: readonly Property[];
  readonly form: Form;
}

/** A message; its topic is empty where an alias stands for it. */
export interface PublishPacket {
  readonly type: "PUBLISH";
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly dup: boolean;
  readonly identifier: number;
  readonly properties: readonly Property[];
}

/** The answer to a SUBSCRIBE or UNSUBSCRIBE. */
export interface AnswerPacket {
  readonly type: "SUBACK" | "UNSUBACK";
  readonly identifier: number;
  readonly codes: readonly number[];
  readonly properties: readonly Property[];
}

/** A DISCONNECT or AUTH. */
export interface ReasonPacket {
  readonly type: "DISCONNECT" | "AUTH";
  readonly reasonCode: number;
  readonly properties: readonly Property[];
  readonly form: Form;
}

/** A packet from a server, together with what it means. */
export type ServerPacket = PublishPacket | AcknowledgementPacket | AnswerPacket | ReasonPacket | { readonly type: "PINGRESP" };

const ACKNOWLEDGEMENTS = { PUBACK: puback, PUBREC: pubrec, PUBREL: pubrel, PUBCOMP: pubcomp } as const;

/** The packet as it goes over the wire. */
export function encode(packet: ServerPacket): Uint8Array {
  switch (packet.type) {
    case "PUBLISH":
      return publish(packet);
    case "SUBACK":
      return suback(packet.identifier, packet.codes, packet.properties);
    case "UNSUBACK":
      return unsuback(packet.identifier, packet.codes, packet.properties);
    case "DISCONNECT":
      return disconnect(packet.reasonCode, packet.properties, packet.form);
    case "AUTH":
      return auth(packet.reasonCode, packet.properties, packet.form);
    case "PINGRESP":
      return pingresp();
    default:
      return ACKNOWLEDGEMENTS[packet.type](packet.identifier, packet.reasonCode, packet.properties, packet.form);
  }
}

/** Several packets as one stream. */
export function encodeAll(packets: readonly ServerPacket[]): Uint8Array {
  return concat(...packets.map(encode));
}

/** The reason codes that a server may send (2.4). */
export const SERVER_REASON_CODES = {
  PUBACK: [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99],
  PUBREC: [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99],
  PUBREL: [0x00, 0x92],
  PUBCOMP: [0x00, 0x92],
  SUBACK: [0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2],
  UNSUBACK: [0x00, 0x11, 0x80, 0x83, 0x87, 0x8f, 0x91],
  DISCONNECT: [
    0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0x9b,
    0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2,
  ],
  AUTH: [0x00, 0x18],
} as const;

const form = fc.constantFrom<Form>("short", "short", "long");

/** Most often 0x00. */
function reasonCode(type: keyof typeof SERVER_REASON_CODES): fc.Arbitrary<number> {
  const any: fc.Arbitrary<number> = fc.constantFrom(...SERVER_REASON_CODES[type]);
  return fc.oneof(fc.constant(0), any);
}

/** The alias of a message, and whether its name is left out. Some are past what the client takes, or stand for nothing yet. */
const alias = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ alias: 0, stands: false }) },
  { weight: 6, arbitrary: fc.record({ alias: fc.integer({ min: 1, max: 2 }), stands: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ alias: fc.constantFrom(0, 3, LIMITS.topicAliasMaximum + 1, 0xffff), stands: fc.boolean() }) },
);
const aliasedTopic = fc.oneof({ weight: 10, arbitrary: topicName }, { weight: 3, arbitrary: fc.constantFrom("b/1", "b/2", "in/1") });

/** Any message. */
const publishPacket: fc.Arbitrary<PublishPacket> = fc
  .record({
    topic: aliasedTopic,
    payload,
    qos: fc.constantFrom<QoS>(0, 1, 2),
    retain: fc.boolean(),
    dup: fc.boolean(),
    identifier,
    properties: serverList("PUBLISH", "topicAlias"),
    alias,
    place: fc.nat(),
  })
  .map(({ topic, dup, properties, alias: given, place, ...rest }) => ({
    ...rest,
    type: "PUBLISH",
    topic: given.alias > 0 && given.stands ? "" : topic,
    dup: dup && rest.qos > 0,
    properties: given.alias > 0 ? properties.toSpliced(place % (properties.length + 1), 0, ["topicAlias", given.alias]) : properties,
  }));

/** For messages of these identifiers, with any reason code; for those of others, where the second one is not of `known`. */
function acknowledgement(type: AcknowledgementType, known: fc.Arbitrary<number>): fc.Arbitrary<AcknowledgementPacket> {
  const any = fc.oneof({ weight: 2, arbitrary: known }, { weight: 1, arbitrary: strayIdentifier });
  return fc.record({
    type: fc.constant(type),
    identifier: any,
    reasonCode: reasonCode(type),
    properties: serverList(type),
    form,
  });
}

/** PUBCOMP with 0x92 would tell of a message that this server has taken over, and on this connection, that it knows none. */
const pubcompPacket = acknowledgement("PUBCOMP", fc.constant(OWN.awaitingPubcomp)).map((packet) =>
  packet.identifier === OWN.awaitingPubcomp ? { ...packet, reasonCode: 0 } : packet,
);

function answer(type: AnswerPacket["type"], known: number, filters: number): fc.Arbitrary<AnswerPacket> {
  const code: fc.Arbitrary<number> = fc.constantFrom(...SERVER_REASON_CODES[type]);
  const rest = { type: fc.constant(type), properties: serverList(type) };
  return fc.oneof(
    fc.record({ ...rest, identifier: fc.constant(known), codes: fc.array(code, { minLength: filters, maxLength: filters }) }),
    fc.record({ ...rest, identifier: strayIdentifier, codes: fc.array(code, { minLength: 1, maxLength: 5 }) }),
  );
}

const disconnectPacket: fc.Arbitrary<ReasonPacket> = fc.record({
  type: fc.constant("DISCONNECT"),
  reasonCode: reasonCode("DISCONNECT"),
  properties: serverList("DISCONNECT"),
  form,
});

const authPacket: fc.Arbitrary<ReasonPacket> = fc
  .record({
    reasonCode: fc.constantFrom(0x18, 0x18, 0x00),
    properties: serverList("AUTH", "authenticationMethod"),
    place: fc.nat(),
  })
  .map(({ properties, place, ...rest }) => ({
    ...rest,
    type: "AUTH",
    properties: properties.toSpliced(place % (properties.length + 1), 0, ["authenticationMethod", AUTHENTICATION_METHOD]),
    form: "long",
  }));

/** What a server may send after CONNACK to a client that has sent what `prepared-client.ts` says, or nearly: see `expected.ts`. */
export const serverPacket: fc.Arbitrary<ServerPacket> = fc.oneof(
  { weight: 10, arbitrary: publishPacket },
  { weight: 4, arbitrary: acknowledgement("PUBREL", identifier) },
  { weight: 1, arbitrary: acknowledgement("PUBACK", fc.constant(OWN.awaitingPuback)) },
  { weight: 1, arbitrary: acknowledgement("PUBREC", fc.constant(OWN.awaitingPubrec)) },
  { weight: 1, arbitrary: pubcompPacket },
  { weight: 1, arbitrary: answer("SUBACK", OWN.subscribe, OWN.filters) },
  { weight: 1, arbitrary: answer("SUBACK", OWN.subscribeIdentified, 1) },
  { weight: 1, arbitrary: answer("UNSUBACK", OWN.unsubscribe, 1) },
  { weight: 1, arbitrary: authPacket },
  { weight: 1, arbitrary: fc.constant<ServerPacket>({ type: "PINGRESP" }) },
  { weight: 1, arbitrary: disconnectPacket },
);

/** A sequence of such packets. No server fails what it has taken over. */
export const serverPackets = fc
  .array(serverPacket, { maxLength: 16 })
  .filter((packets) => !failsAfterSuccess(packets.flatMap((packet) => (isOwnPubrec(packet) ? [packet.reasonCode] : []))));

function isOwnPubrec(packet: ServerPacket): packet is AcknowledgementPacket {
  return packet.type === "PUBREC" && packet.identifier === OWN.awaitingPubrec;
}

function failsAfterSuccess(codes: readonly number[]): boolean {
  const first = codes.findIndex((code) => code < 0x80);
  return first >= 0 && codes.slice(first).some((code) => code >= 0x80);
}
