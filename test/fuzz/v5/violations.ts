import * as fc from "fast-check";
import {
  auth,
  concat,
  connack,
  disconnect,
  hex,
  packet,
  property,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  properties,
  suback,
  uint16,
  unsuback,
  type Property,
  type PropertyList,
} from "../../support/v5/packets.js";
import { namesOf, PROPERTIES, PROPERTY_NAMES, type PropertyName, type PropertyPlace } from "../../support/v5/property-table.js";
import { SERVER_REASON_CODES } from "./generators.js";
import { AUTHENTICATION_METHOD, LIMITS, OWN } from "./prepared-client.js";
import { listOf, propertyOf } from "./property-generators.js";

/** A packet that breaks the standard in one way, and the reason codes that our DISCONNECT may have then (4.13). */
export interface Violation {
  /** In words, for whom a failure is printed. */
  readonly what: string;
  readonly bytes: Uint8Array;
  readonly reasonCodes: readonly number[];
}

const MALFORMED = [0x81];
const PROTOCOL_ERROR = [0x82];
/** Where the standard does not say which. */
const EITHER = [0x81, 0x82];

/** Packets with properties that a server may send once connected. */
type Place = "PUBLISH" | "PUBACK" | "PUBREC" | "PUBREL" | "PUBCOMP" | "SUBACK" | "UNSUBACK" | "DISCONNECT" | "AUTH";
const PLACES: readonly Place[] = ["PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBACK", "UNSUBACK", "DISCONNECT", "AUTH"];
const METHOD: Property = ["authenticationMethod", AUTHENTICATION_METHOD];

/** A packet with these properties and nothing else wrong; AUTH has its method besides, unless given as bytes. */
function withProperties(place: Place, list: readonly (Property | Uint8Array)[]): Uint8Array {
  switch (place) {
    case "PUBLISH":
      return publish({ topic: "in/1", payload: "x", qos: 1, identifier: 50, properties: list });
    case "PUBACK":
      return puback(OWN.awaitingPuback, 0, list);
    case "PUBREC":
      return pubrec(OWN.awaitingPubrec, 0, list);
    case "PUBREL":
      return pubrel(1, 0, list);
    case "PUBCOMP":
      return pubcomp(OWN.awaitingPubcomp, 0, list);
    case "SUBACK":
      return suback(OWN.subscribe, [0, 0], list);
    case "UNSUBACK":
      return unsuback(OWN.unsubscribe, 0, list);
    case "DISCONNECT":
      return disconnect(0, list);
    case "AUTH":
      return auth(0x18, [METHOD, ...list]);
  }
}

const SEVERAL: readonly PropertyName[] = ["userProperty"];
const place = fc.constantFrom(...PLACES);

const propertyTwice: fc.Arbitrary<Violation> = place
  .filter((each) => singlesOf(each).length > 0)
  .chain((each) => {
    const name = fc.constantFrom(...singlesOf(each));
    return name.chain((twice) => {
      const between = listOf(["userProperty"]);
      return fc.tuple(fc.constant(each), propertyOf(twice), propertyOf(twice), between);
    });
  })
  .map(([each, first, second, between]) => ({
    what: `${first[0]} twice in ${each}`,
    bytes: withProperties(each, [tame(first), ...between.slice(0, 1), tame(second)]),
    reasonCodes: PROTOCOL_ERROR,
  }));

/** Topic Alias must be one that there is, lest it is this that is wrong. */
function tame(each: Property): Property {
  return each[0] === "topicAlias" ? ["topicAlias", 1] : each;
}

function singlesOf(each: PropertyPlace): PropertyName[] {
  const several: readonly PropertyName[] = each === "PUBLISH" ? [...SEVERAL, "subscriptionIdentifier"] : [...SEVERAL, "authenticationMethod"];
  return namesOf("server", each).filter((name) => !several.includes(name));
}

const misplacedProperty: fc.Arbitrary<Violation> = place
  .chain((each) => {
    const names = PROPERTY_NAMES.filter((name) => !namesOf("server", each).includes(name));
    return fc.tuple(fc.constant(each), fc.constantFrom(...names).chain(propertyOf));
  })
  .map(([each, misplaced]) => ({
    what: `${misplaced[0]} in ${each}`,
    bytes: withProperties(each, [misplaced]),
    // [MQTT-3.14.2-2] forbids it to servers in words of its own.
    reasonCodes: each === "DISCONNECT" && misplaced[0] === "sessionExpiryInterval" ? EITHER : MALFORMED,
  }));

const KNOWN: readonly number[] = PROPERTY_NAMES.map((name) => PROPERTIES[name].identifier);
const unknownProperty: fc.Arbitrary<Violation> = fc
  .tuple(
    place,
    fc.integer({ min: 0, max: 255 }).filter((identifier) => !KNOWN.includes(identifier)),
    fc.uint8Array({ maxLength: 4 }),
  )
  .map(([each, identifier, value]) => ({
    what: `property ${identifier} in ${each}`,
    bytes: withProperties(each, [concat(Uint8Array.of(identifier), value)]),
    reasonCodes: MALFORMED,
  }));

const truncatedProperty: fc.Arbitrary<Violation> = place
  .chain((each) =>
    fc.tuple(fc.constant(each), fc.constantFrom(...singlesOf(each), "userProperty" as const).chain(propertyOf), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
  )
  .map(([each, whole, share]) => {
    const bytes = property(tame(whole));
    const kept = bytes.slice(0, 1 + Math.floor(share * (bytes.length - 1)));
    return { what: `${whole[0]} cut off in ${each}`, bytes: withProperties(each, [kept]), reasonCodes: MALFORMED };
  });

const ILL_FORMED = ["c0 80", "ed a0 80", "f4 90 80 80", "ff", "e6 b8", "00", "61 00 62"].map(hex);
const illFormedText: fc.Arbitrary<Violation> = fc
  .tuple(place, fc.constantFrom(...ILL_FORMED), fc.boolean())
  .map(([each, text, inName]) => ({
    what: `ill-formed text in ${each}`,
    bytes: withProperties(each, [["userProperty", inName ? [text, "x"] : ["x", text]]]),
    reasonCodes: MALFORMED,
  }));

const wrongReasonCode: fc.Arbitrary<Violation> = fc
  .constantFrom(...PLACES.filter((each) => each !== "PUBLISH"))
  .chain((each) => {
    const codes: readonly number[] = SERVER_REASON_CODES[each];
    return fc.tuple(fc.constant(each), fc.nat(255).filter((code) => !codes.includes(code) && !(each === "DISCONNECT" && code === 0x8c)));
  })
  .map(([each, code]) => ({ what: `reason code ${code} in ${each}`, bytes: withReasonCode(each, code), reasonCodes: EITHER }));

function withReasonCode(each: Exclude<Place, "PUBLISH">, code: number): Uint8Array {
  switch (each) {
    case "SUBACK":
      return suback(OWN.subscribe, [0, code]);
    case "UNSUBACK":
      return unsuback(OWN.unsubscribe, code);
    case "DISCONNECT":
      return disconnect(code);
    case "AUTH":
      return auth(code, [METHOD]);
    case "PUBACK":
      return puback(OWN.awaitingPuback, code);
    case "PUBREC":
      return pubrec(OWN.awaitingPubrec, code);
    case "PUBREL":
      return pubrel(1, code);
    case "PUBCOMP":
      return pubcomp(OWN.awaitingPubcomp, code);
  }
}

/** The first bytes that a server's packets have, but PUBLISH. */
const FIRST_BYTES = [0x20, 0x40, 0x50, 0x62, 0x70, 0x90, 0xb0, 0xd0, 0xe0, 0xf0] as const;
const wrongFlags: fc.Arbitrary<Violation> = fc
  .tuple(fc.constantFrom(...FIRST_BYTES), fc.integer({ min: 1, max: 15 }), fc.uint8Array({ maxLength: 8 }))
  .map(([first, difference, content]) => ({
    what: `flags ${(first ^ difference) & 15} of type ${first >> 4}`,
    bytes: packet(first ^ difference, content),
    reasonCodes: MALFORMED,
  }));

const clientsPacket: fc.Arbitrary<Violation> = fc
  .tuple(fc.constantFrom(0x00, 0x10, 0x82, 0xa2, 0xc0), fc.uint8Array({ maxLength: 12 }))
  .map(([first, content]) => ({ what: `type ${first >> 4}`, bytes: packet(first, content), reasonCodes: EITHER }));

const messageWith = (list: PropertyList, topic: string | Uint8Array = "in/1"): Uint8Array =>
  publish({ topic, payload: "x", qos: 1, identifier: 50, properties: list });

const tooShort: fc.Arbitrary<Violation> = fc
  .constantFrom("40 01 00", "50 00", "62 01 01", "70 01 00", "90 02 00 04", "90 03 00 04 00", "b0 02 00 06", "b0 03 00 06 00", "d0 01 00", "32 02 00 04", "30 01 00", "30 03 00 01 61")
  .map((text) => ({ what: text, bytes: hex(text), reasonCodes: EITHER }));

const behindTheEnd: fc.Arbitrary<Violation> = fc
  .tuple(fc.constantFrom(0x40, 0x50, 0x62, 0x70), fc.uint8Array({ minLength: 1, maxLength: 4 }), listOf(["userProperty"]))
  .map(([first, rest, list]) => ({
    what: "bytes behind the properties",
    bytes: packet(first, uint16(1), Uint8Array.of(0), properties(list.slice(0, 1)), rest),
    reasonCodes: MALFORMED,
  }));

/** One of a kind each. */
const single: fc.Arbitrary<Violation> = fc.constantFrom<Violation>(
  { what: "QoS 3", bytes: packet(0x36, hex("00 01 61 00 32 00")), reasonCodes: MALFORMED },
  { what: "DUP with QoS 0", bytes: packet(0x38, hex("00 01 61 00")), reasonCodes: EITHER },
  { what: "a second CONNACK", bytes: connack(), reasonCodes: PROTOCOL_ERROR },
  { what: "Remaining Length of five bytes", bytes: hex("30 80 80 80 80 01"), reasonCodes: MALFORMED },
  { what: "Remaining Length of five bytes", bytes: hex("40 ff ff ff ff"), reasonCodes: MALFORMED },
  { what: "Property Length past the end", bytes: messageWith(hex("7f")), reasonCodes: MALFORMED },
  { what: "Property Length past the end", bytes: messageWith(hex("ff ff ff 7f")), reasonCodes: MALFORMED },
  { what: "Property Length of five bytes", bytes: messageWith(hex("80 80 80 80 00")), reasonCodes: MALFORMED },
  { what: "Property Length past the end", bytes: puback(OWN.awaitingPuback, 0, hex("05 1f 00 01 61")), reasonCodes: MALFORMED },
  { what: "a topic past the end", bytes: packet(0x30, hex("00 09 61 62 00")), reasonCodes: MALFORMED },
  { what: "a topic with a wildcard", bytes: messageWith([], "a/+"), reasonCodes: [...EITHER, 0x90] },
  { what: "a topic with a wildcard", bytes: messageWith([], "#"), reasonCodes: [...EITHER, 0x90] },
  { what: "a topic that is not UTF-8", bytes: messageWith([], hex("ff")), reasonCodes: MALFORMED },
  { what: "a topic with U+0000", bytes: messageWith([], hex("61 00")), reasonCodes: MALFORMED },
  { what: "no topic and no alias", bytes: messageWith([], ""), reasonCodes: PROTOCOL_ERROR },
  { what: "an alias that was not set", bytes: messageWith([["topicAlias", LIMITS.topicAliasMaximum]], ""), reasonCodes: PROTOCOL_ERROR },
  { what: "alias 0", bytes: messageWith([["topicAlias", 0]]), reasonCodes: [0x94] },
  { what: "an alias too high", bytes: messageWith([["topicAlias", LIMITS.topicAliasMaximum + 1]]), reasonCodes: [0x94] },
  { what: "Payload Format Indicator 2", bytes: messageWith([["payloadFormatIndicator", 2]]), reasonCodes: EITHER },
  { what: "Subscription Identifier 0", bytes: messageWith([["subscriptionIdentifier", 0]]), reasonCodes: PROTOCOL_ERROR },
  { what: "a Subscription Identifier of five bytes", bytes: messageWith([hex("0b 80 80 80 80 01")]), reasonCodes: MALFORMED },
  { what: "a Response Topic with a wildcard", bytes: messageWith([["responseTopic", "a/#"]]), reasonCodes: EITHER },
  { what: "identifier 0", bytes: publish({ topic: "in/1", qos: 2, identifier: 0 }), reasonCodes: EITHER },
  { what: "identifier 0", bytes: puback(0), reasonCodes: EITHER },
  { what: "identifier 0", bytes: pubrel(0), reasonCodes: EITHER },
  { what: "identifier 0", bytes: suback(0, 0), reasonCodes: EITHER },
  { what: "two codes for one filter", bytes: suback(OWN.subscribeIdentified, [0, 0]), reasonCodes: EITHER },
  { what: "one code for two filters", bytes: suback(OWN.subscribe, 0), reasonCodes: EITHER },
  { what: "two codes for one filter", bytes: unsuback(OWN.unsubscribe, [0, 0]), reasonCodes: EITHER },
  { what: "AUTH of another method", bytes: auth(0x18, [["authenticationMethod", "N"]]), reasonCodes: PROTOCOL_ERROR },
  { what: "AUTH without a method", bytes: auth(0x18, []), reasonCodes: PROTOCOL_ERROR },
  { what: "AUTH without a method", bytes: auth(), reasonCodes: PROTOCOL_ERROR },
);

/** One packet that a connected server may not send, to a client that has sent what `prepared-client.ts` says. */
export const violation: fc.Arbitrary<Violation> = fc.oneof(
  { weight: 3, arbitrary: propertyTwice },
  { weight: 3, arbitrary: misplacedProperty },
  { weight: 1, arbitrary: unknownProperty },
  { weight: 3, arbitrary: truncatedProperty },
  { weight: 2, arbitrary: illFormedText },
  { weight: 2, arbitrary: wrongReasonCode },
  { weight: 2, arbitrary: wrongFlags },
  { weight: 1, arbitrary: clientsPacket },
  { weight: 1, arbitrary: tooShort },
  { weight: 1, arbitrary: behindTheEnd },
  { weight: 4, arbitrary: single },
);
