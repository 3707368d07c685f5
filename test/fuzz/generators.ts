import * as fc from "fast-check";
import { concat, pingresp, puback, pubcomp, publish, pubrec, pubrel, suback, unsuback, type QoS } from "../support/packets.js";
import { OWN } from "./prepared-client.js";

/** A packet from a server, together with what it means. */
export type ServerPacket =
  | {
      readonly type: "PUBLISH";
      readonly topic: string;
      readonly payload: Uint8Array;
      readonly qos: QoS;
      readonly retain: boolean;
      readonly dup: boolean;
      readonly identifier: number;
    }
  | { readonly type: "PUBACK" | "PUBREC" | "PUBREL" | "PUBCOMP" | "UNSUBACK"; readonly identifier: number }
  | { readonly type: "SUBACK"; readonly identifier: number; readonly codes: readonly number[] }
  | { readonly type: "PINGRESP" };

/** The packet as it goes over the wire. */
export function encode(packet: ServerPacket): Uint8Array {
  switch (packet.type) {
    case "PUBLISH":
      return publish(packet);
    case "PUBACK":
      return puback(packet.identifier);
    case "PUBREC":
      return pubrec(packet.identifier);
    case "PUBREL":
      return pubrel(packet.identifier);
    case "PUBCOMP":
      return pubcomp(packet.identifier);
    case "UNSUBACK":
      return unsuback(packet.identifier);
    case "SUBACK":
      return suback(packet.identifier, ...packet.codes);
    case "PINGRESP":
      return pingresp();
  }
}

/** Several packets as one stream. */
export function encodeAll(packets: readonly ServerPacket[]): Uint8Array {
  return concat(...packets.map(encode));
}

/** Identifiers of messages from the server: few, so that they come again. */
export const identifier = fc.integer({ min: 1, max: 7 });
/** Identifiers that nothing sent by the client has. */
export const strayIdentifier = fc.integer({ min: 100, max: 0xffff });

const level = fc.oneof(
  fc.constantFrom("in", "a", "b", "", "$x", "temperature", "é", "温度", "🌡"),
  fc.string({ unit: "grapheme", minLength: 0, maxLength: 8 }).map((text) => text.replace(/[+#/\0]/g, "_")),
);
/** Topic names, most of which leave room for payload in the client's buffer, some of which do not. */
export const topicName = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .array(level, { minLength: 1, maxLength: 3 })
      .map((levels) => levels.join("/"))
      .filter((topic) => topic !== "" && Buffer.byteLength(topic) <= 40),
  },
  { weight: 1, arbitrary: fc.integer({ min: 45, max: 80 }).map((length) => "long/".padEnd(length, "x")) },
);

/** Payloads around every size at which the client does something else. */
export const payload = fc
  .tuple(
    fc.oneof(fc.nat(8), fc.integer({ min: 30, max: 70 }), fc.integer({ min: 100, max: 300 })),
    fc.integer({ min: 1, max: 250 }),
  )
  .map(([length, first]) => Uint8Array.from({ length }, (_, index) => first + index));

const publishPacket: fc.Arbitrary<ServerPacket> = fc
  .record({
    type: fc.constant("PUBLISH" as const),
    topic: topicName,
    payload,
    qos: fc.constantFrom<QoS>(0, 1, 2),
    retain: fc.boolean(),
    dup: fc.boolean(),
    identifier,
  })
  .map((packet) => (packet.qos === 0 ? { ...packet, dup: false } : packet));

function acknowledgement(
  type: "PUBACK" | "PUBREC" | "PUBREL" | "PUBCOMP" | "UNSUBACK",
  known: fc.Arbitrary<number>,
): fc.Arbitrary<ServerPacket> {
  const any = fc.oneof({ weight: 2, arbitrary: known }, { weight: 1, arbitrary: strayIdentifier });
  return any.map((each) => ({ type, identifier: each }));
}

const grantedCode = fc.constantFrom(0, 1, 2, 0x80);
const subackPacket: fc.Arbitrary<ServerPacket> = fc.oneof(
  fc.record({
    type: fc.constant("SUBACK" as const),
    identifier: fc.constant(OWN.subscribe),
    codes: fc.array(grantedCode, { minLength: OWN.filters, maxLength: OWN.filters }),
  }),
  fc.record({
    type: fc.constant("SUBACK" as const),
    identifier: strayIdentifier,
    codes: fc.array(grantedCode, { minLength: 1, maxLength: 5 }),
  }),
);

/** What a server may send after CONNACK to a client that has sent what `prepared-client.ts` says. */
export const serverPacket: fc.Arbitrary<ServerPacket> = fc.oneof(
  { weight: 8, arbitrary: publishPacket },
  { weight: 4, arbitrary: acknowledgement("PUBREL", identifier) },
  { weight: 1, arbitrary: acknowledgement("PUBACK", fc.constant(OWN.awaitingPuback)) },
  { weight: 1, arbitrary: acknowledgement("PUBREC", fc.constant(OWN.awaitingPubrec)) },
  { weight: 1, arbitrary: acknowledgement("PUBCOMP", fc.constant(OWN.awaitingPubcomp)) },
  { weight: 1, arbitrary: acknowledgement("UNSUBACK", fc.constant(OWN.unsubscribe)) },
  { weight: 1, arbitrary: subackPacket },
  { weight: 1, arbitrary: fc.constant<ServerPacket>({ type: "PINGRESP" }) },
);

/** A sequence of such packets. */
export const serverPackets = fc.array(serverPacket, { maxLength: 16 });

/** Where to cut a stream, as shares of its length. */
export const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

/** `cuts` as indexes into `length` bytes. */
export function cutsOf(length: number, shares: readonly number[]): number[] {
  return shares.map((share) => Math.floor(share * length)).sort((left, right) => left - right);
}
