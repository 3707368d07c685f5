import * as fc from "fast-check";
import type { Property } from "../../support/v5/packets.js";
import { namesOf, PROPERTIES, type PropertyName, type PropertyPlace } from "../../support/v5/property-table.js";

/** Text that the standard allows in any string (1.5.4). */
export const text = fc
  .oneof(
    { weight: 4, arbitrary: fc.string({ unit: "grapheme", maxLength: 6 }) },
    { weight: 1, arbitrary: fc.constantFrom("", "é", "温度", "🌡", "\u{feff}", "\u{10ffff}", "x".repeat(30)) },
  )
  .map((each) => each.replaceAll("\0", "_"));

/** A topic name for answers. */
const responseTopic = text.map((each) => `r${each.replace(/[+#]/g, "_")}`);

const uint16 = fc.oneof(fc.constantFrom(0, 1, 255, 256, 0xffff), fc.integer({ min: 0, max: 0xffff }));
const uint32 = fc.oneof(fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff), fc.integer({ min: 0, max: 0xffffffff }));
/** Of every length that a variable byte integer has. */
export const variable = fc.constantFrom(1, 7, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455);
export const binary = fc.uint8Array({ maxLength: 8 });

/** A property of this name, with a value that the standard allows. */
export function propertyOf(name: PropertyName): fc.Arbitrary<Property> {
  // Sound, since each value is one of the type that the table has for the name.
  return valueOf(name).map((value) => [name, value] as Property);
}

function valueOf(name: PropertyName): fc.Arbitrary<unknown> {
  if (name === "responseTopic") return responseTopic;
  if (name === "assignedClientIdentifier") return text.map((each) => `c${each}`);
  switch (PROPERTIES[name].type) {
    case "flag":
      return fc.constantFrom(0, 1);
    case "uint16":
      return uint16;
    case "positive uint16":
      return uint16.map((value) => Math.max(1, value));
    case "uint32":
      return uint32;
    case "positive uint32":
      return uint32.map((value) => Math.max(1, value));
    case "positive variable byte integer":
      return variable;
    case "text":
      return text;
    case "binary":
      return binary;
    case "pair":
      return fc.tuple(text, text);
  }
}

/** Those that may come several times in a packet. */
const REPEATED: readonly PropertyName[] = ["userProperty", "subscriptionIdentifier"];

/** Lists of some properties of these names, in any order; those that may come several times do. */
export function listOf(names: readonly PropertyName[]): fc.Arbitrary<Property[]> {
  const many = names.flatMap((name) => (REPEATED.includes(name) ? [name, name] : [name]));
  return fc
    .shuffledSubarray(many, { maxLength: Math.min(many.length, 6) })
    .chain((some) => fc.tuple(...some.map((name) => propertyOf(name))).map((list) => [...list]));
}

/** What a server may send in `place`, without those `excluded`; often nothing. */
export function serverList(place: PropertyPlace, ...excluded: readonly PropertyName[]): fc.Arbitrary<Property[]> {
  const names = namesOf("server", place).filter((name) => !excluded.includes(name));
  return fc.oneof({ weight: 1, arbitrary: fc.constant<Property[]>([]) }, { weight: 1, arbitrary: listOf(names) });
}
