import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PropertyName as NameOfOurs } from "mqtt-xs/v5";
import type { MqttError } from "../../src/errors.js";
import { ReceivedProperties } from "../../src/v5/received-properties.js";
import {
  AUTH,
  CONNACK,
  DISCONNECT,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  PUBREL,
  SUBACK,
  UNSUBACK,
} from "../../src/wire/packet-type.js";
import { concat, toHex, utf8 } from "../support/packets.js";
import { properties, property, type Property } from "../support/v5/packets.js";
import {
  namesOf,
  PROPERTIES,
  PROPERTY_NAMES,
  propertyNamed,
  type PropertyName,
  type PropertyPlace,
} from "../support/v5/property-table.js";
import { sampleProperty } from "./sample-property.js";

/** The packets of a server that have properties. */
const PLACES = { CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK, DISCONNECT, AUTH } as const;
type Place = keyof typeof PLACES;
const PLACE_NAMES = Object.keys(PLACES) as Place[]; // sound, since they are the keys of the line above

/** Properties in the midst of other bytes, and what was wrong with them, if anything. */
interface Taken {
  readonly received: ReceivedProperties;
  readonly error: MqttError | undefined;
}

/**
 * @param list with its length in front.
 * @param options how many bytes are around it; the packet ends `room` bytes behind it.
 */
function take(list: Uint8Array, place: Place, { before = 3, behind = 5, room = 0, wantsProblems = true } = {}): Taken {
  const bytes = concat(new Uint8Array(before).fill(0x26), list, new Uint8Array(behind).fill(0x26));
  const received = new ReceivedProperties(bytes, wantsProblems);
  return { received, error: received.take(before, before + list.length + room, PLACES[place]) };
}

/** All that is in there, as the iterator has it. */
function iterated(received: ReceivedProperties): Property[] {
  const list: Property[] = [];
  received.rewind();
  while (received.next()) {
    const name = propertyNamed(received.identifier);
    if (name === undefined) throw new Error(`property ${received.identifier}`);
    list.push([name, valueOf(received, name)] as Property); // sound by the table of types
  }
  return list;
}

function valueOf(received: ReceivedProperties, name: PropertyName): unknown {
  const { type } = PROPERTIES[name];
  if (type === "pair") return [received.name, received.text];
  if (type === "text") return received.text;
  return type === "binary" ? received.bytes.slice(received.start, received.end) : received.value;
}

/** What the application knows a property by. */
function ours(name: PropertyName): NameOfOurs {
  return name === "userProperty" ? "userProperties" : name;
}

const text = fc.string({ unit: "grapheme", maxLength: 12 }).filter((value) => !value.includes("\0"));

/** A property of this name with any value that the standard allows. */
function anyProperty(name: PropertyName): fc.Arbitrary<Property> {
  const { type } = PROPERTIES[name];
  const least = type.startsWith("positive") ? 1 : 0;
  const topic = text.filter((value) => value !== "" && !/[+#]/.test(value));
  const value: fc.Arbitrary<unknown> =
    type === "pair"
      ? fc.tuple(text, text)
      : type === "text"
        ? name === "responseTopic"
          ? topic
          : text
        : type === "binary"
          ? fc.uint8Array({ maxLength: 12 })
          : type === "flag"
            ? fc.integer({ min: 0, max: 1 })
            : fc.integer({
                min: least,
                max: type.endsWith("uint16") ? 0xffff : type.endsWith("uint32") ? 0xffffffff : 0xfffffff,
              });
  return value.map((it) => [name, it] as Property); // sound by the table of types
}

/** A place with properties that may all stand there, in any order; those that may repeat do. */
const anyList: fc.Arbitrary<{ place: Place; list: Property[] }> = fc.constantFrom(...PLACE_NAMES).chain((place) => {
  const names = namesOf("server", place);
  const repeating = names.filter((name) => mayRepeat(name, place));
  return fc
    .tuple(fc.subarray([...names]), fc.array(fc.constantFrom(...repeating), { maxLength: 3 }))
    .chain(([once, again]) => fc.shuffledSubarray([...once, ...again], { minLength: once.length + again.length }))
    .chain((all) => fc.tuple(...all.map(anyProperty)))
    .map((list) => ({ place, list }));
});

/** Which of them two may be. */
function mayRepeat(name: PropertyName, place: PropertyPlace): boolean {
  return name === "userProperty" || (name === "subscriptionIdentifier" && place === "PUBLISH");
}

describe("received properties", () => {
  it("of every packet, in any order and number, are read as they were written", () => {
    fc.assert(
      fc.property(anyList, fc.nat({ max: 9 }), fc.nat({ max: 9 }), ({ place, list }, before, behind) => {
        const { received, error } = take(properties(list), place, { before, behind });
        expect(error).toBeUndefined();
        expect(received.limit).toBe(before + properties(list).length);
        expect(iterated(received)).toEqual(list);
        expect(iterated(received)).toEqual(list); // a second time
      }),
      { numRuns: 1_000 },
    );
  });

  it("are found by name and by number, and nothing else is", () => {
    fc.assert(
      fc.property(anyList, ({ place, list }) => {
        const { received } = take(properties(list), place);
        for (const name of PROPERTY_NAMES) {
          const { identifier, type } = PROPERTIES[name];
          const first = list.find(([it]) => it === name)?.[1];
          if (type === "pair") {
            const pairs = list.filter(([it]) => it === name).map(([, pair]) => pair);
            expect(received.get("userProperties")).toEqual(pairs.length > 0 ? pairs : undefined);
          } else
            expect(received.get(ours(name))).toEqual(
              type === "flag" && name !== "maximumQoS" && first !== undefined ? first === 1 : first,
            );
          expect(received.number(identifier) !== undefined).toBe(first !== undefined);
          if (typeof first === "number") expect(received.number(identifier)).toBe(first);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("of numbers: the largest and the smallest of each kind", () => {
    for (const value of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff]) {
      const { received } = take(properties([["messageExpiryInterval", value]]), "PUBLISH");
      expect(received.get("messageExpiryInterval")).toBe(value);
    }
    for (const value of [1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 0xfffffff]) {
      const { received } = take(properties([["subscriptionIdentifier", value]]), "PUBLISH");
      expect(received.get("subscriptionIdentifier")).toBe(value);
      expect([value - 1, value, value + 1].map((it) => received.isFor(it))).toEqual([false, true, false]);
    }
  });

  it("of text: U+FEFF stays, and the longest is read whole", () => {
    expect(take(properties([["contentType", "\ufeffa"]]), "PUBLISH").received.get("contentType")).toBe("\ufeffa");
    const longest = "x".repeat(65_535);
    const { received, error } = take(properties([["userProperty", [longest, longest]]]), "PUBLISH");
    expect(error).toBeUndefined();
    expect(received.get("userProperties")).toEqual([[longest, longest]]);
  });

  it("of data are copied when they are asked for", () => {
    const { received } = take(properties([["correlationData", Uint8Array.of(1, 2)]]), "PUBLISH");
    const data = received.get("correlationData");
    received.bytes.fill(9);
    expect(data).toEqual(Uint8Array.of(1, 2));
  });

  it("are for each of the subscriptions whose identifiers are in them, and for no other", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 300 })), fc.integer({ min: 1, max: 300 }), (identifiers, other) => {
        const list = identifiers.map((identifier): Property => ["subscriptionIdentifier", identifier]);
        const { received } = take(properties([["userProperty", ["\u000b\u0001", "\u000b\u0001"]], ...list]), "PUBLISH");
        expect(received.hasSubscriptionIdentifier).toBe(identifiers.length > 0);
        expect(received.isFor(other)).toBe(identifiers.includes(other));
        for (const identifier of identifiers) expect(received.isFor(identifier)).toBe(true);
      }),
    );
  });

  it("are none, of none, after `clear`, and before the first packet: nothing of the last one is left", () => {
    const { received } = take(
      properties([
        ["topicAlias", 7],
        ["subscriptionIdentifier", 1],
        ["userProperty", ["a", "b"]],
      ]),
      "PUBLISH",
    );
    expect([received.topicAlias, received.hasSubscriptionIdentifier]).toEqual([7, true]);
    const expectNone = (it: ReceivedProperties): void => {
      expect([it.topicAlias, it.hasSubscriptionIdentifier]).toEqual([0, false]);
      expect(iterated(it)).toEqual([]);
      for (const name of PROPERTY_NAMES) expect(it.get(ours(name))).toBeUndefined();
      expect(it.number(35)).toBeUndefined();
      expect(it.isFor(1)).toBe(false);
    };
    received.clear();
    expectNone(received);
    expectNone(take(Uint8Array.of(0), "PUBLISH").received);
    expectNone(new ReceivedProperties(Uint8Array.of(3, 0x23, 0, 1), true));
  });

  it("of one packet after the other in the same buffer are those of the last", () => {
    const bytes = new Uint8Array(64);
    const received = new ReceivedProperties(bytes, true);
    fc.assert(
      fc.property(anyList, ({ place, list }) => {
        const encoded = properties(list);
        fc.pre(encoded.length <= 64);
        bytes.fill(0xff);
        bytes.set(encoded);
        expect(received.take(0, encoded.length, PLACES[place])).toBeUndefined();
        expect(iterated(received)).toEqual(list);
      }),
      { numRuns: 300 },
    );
  });

  it("before the end of the packet are told from what is behind them", () => {
    const list = properties([["reasonString", "x"]]);
    const { received, error } = take(list, "SUBACK", { room: 4 });
    expect(error).toBeUndefined();
    expect(received.limit).toBe(3 + list.length);
  });
});

describe("received properties that are wrong", () => {
  const MALFORMED = { code: "ERR_MALFORMED_PACKET", reasonCode: 0x81, fault: "server" };
  const PROTOCOL_ERROR = { code: "ERR_PROTOCOL", reasonCode: 0x82, fault: "server" };

  function expectError(list: Uint8Array, place: Place, error: object, options = {}): void {
    expect(take(list, place, options).error).toMatchObject(error);
  }

  for (const place of PLACE_NAMES) {
    it(`each that does not belong in ${place} is malformed, alone and behind others; each other one is right`, () => {
      for (const name of PROPERTY_NAMES) {
        const sample = sampleProperty(name);
        const lists = [[sample], [sampleProperty("userProperty"), sample]];
        for (const list of lists) {
          if (namesOf("server", place).includes(name) || (name === "sessionExpiryInterval" && place === "DISCONNECT"))
            expect(take(properties(list), place).error).toBeUndefined(); // the client looks for that one itself
          else expectError(properties(list), place, MALFORMED);
        }
      }
    });

    it(`each twice in ${place} is a protocol error, unless it may repeat`, () => {
      for (const name of namesOf("server", place)) {
        const twice = [sampleProperty(name), sampleProperty("userProperty"), sampleProperty(name)];
        if (mayRepeat(name, place)) expect(take(properties(twice), place).error).toBeUndefined();
        else expectError(properties(twice), place, PROTOCOL_ERROR);
      }
    });

    it(`no two different ones in ${place} are taken for the same`, () => {
      for (const first of namesOf("server", place))
        for (const second of namesOf("server", place))
          if (first !== second)
            expect(take(properties([sampleProperty(first), sampleProperty(second)]), place).error).toBeUndefined();
    });
  }

  it("identifiers that there are not are malformed", () => {
    const known = PROPERTY_NAMES.map((name): number => PROPERTIES[name].identifier);
    for (let identifier = 0; identifier < 256; identifier++) {
      if (known.includes(identifier)) continue;
      for (const value of [[], [0], [0, 0], [0, 0, 0, 0], [1, 0, 0, 0]])
        expectError(properties([Uint8Array.of(identifier, ...value)]), "PUBLISH", MALFORMED);
    }
  });

  it("values that the standard forbids are protocol errors; an alias of 0 has a code of its own", () => {
    for (const value of [2, 3, 128, 255]) expectError(properties([["payloadFormatIndicator", value]]), "PUBLISH", PROTOCOL_ERROR);
    const flags = ["maximumQoS", "retainAvailable", "wildcardSubscriptionAvailable"] as const;
    for (const name of [...flags, "subscriptionIdentifiersAvailable", "sharedSubscriptionAvailable"] as const) {
      for (const value of [0, 1]) expect(take(properties([[name, value]]), "CONNACK").error).toBeUndefined();
      for (const value of [2, 255]) expectError(properties([[name, value]]), "CONNACK", PROTOCOL_ERROR);
    }
    for (const name of ["receiveMaximum", "maximumPacketSize"] as const)
      expectError(properties([[name, 0]]), "CONNACK", PROTOCOL_ERROR);
    expectError(properties([["subscriptionIdentifier", 0]]), "PUBLISH", PROTOCOL_ERROR);
    expectError(properties([["topicAlias", 0]]), "PUBLISH", { code: "ERR_PROTOCOL", reasonCode: 0x94 });
    for (const topic of ["", "+", "a/#"]) expectError(properties([["responseTopic", topic]]), "PUBLISH", PROTOCOL_ERROR);
  });

  it("0 is right where the standard does not forbid it", () => {
    const inConnack = ["topicAliasMaximum", "serverKeepAlive", "sessionExpiryInterval"] as const;
    for (const name of inConnack) {
      const { received, error } = take(properties([[name, 0]]), "CONNACK");
      expect(error).toBeUndefined();
      expect(received.get(name)).toBe(0);
    }
    const { received, error } = take(properties([["messageExpiryInterval", 0], ["correlationData", ""]]), "PUBLISH");
    expect(error).toBeUndefined();
    expect(received.get("messageExpiryInterval")).toBe(0);
    expect(received.get("correlationData")).toEqual(new Uint8Array());
  });

  it("text that is none is malformed, in names and values", () => {
    for (const wrong of [
      Uint8Array.of(0),
      Uint8Array.of(0x61, 0xff),
      Uint8Array.of(0xed, 0xa0, 0x80),
      Uint8Array.of(0xc0, 0x80),
    ]) {
      for (const name of ["contentType", "responseTopic"] as const)
        expectError(properties([[name, wrong]]), "PUBLISH", MALFORMED);
      expectError(properties([["userProperty", [wrong, "a"]]]), "PUBLISH", MALFORMED);
      expectError(properties([["userProperty", ["a", wrong]]]), "PUBLISH", MALFORMED);
      expect(take(properties([["correlationData", wrong]]), "PUBLISH").error).toBeUndefined();
    }
  });

  it("problem information is a protocol error where it was declined, but for three packets", () => {
    for (const place of PLACE_NAMES)
      for (const name of ["reasonString", "userProperty"] as const) {
        if (!namesOf("server", place).includes(name)) continue;
        const { error } = take(properties([sampleProperty(name)]), place, { wantsProblems: false });
        if (["PUBLISH", "CONNACK", "DISCONNECT"].includes(place)) expect(error).toBeUndefined();
        else expect(error).toMatchObject(PROTOCOL_ERROR);
      }
  });

  it("each cut off anywhere by the Property Length is malformed, whatever is behind it", () => {
    for (const name of PROPERTY_NAMES) {
      const place = PLACE_NAMES.find((it) => namesOf("server", it).includes(name));
      if (place === undefined) continue;
      const whole = property(sampleProperty(name));
      for (let length = 1; length < whole.length; length++)
        expectError(concat(Uint8Array.of(length), whole), place, MALFORMED);
    }
  });

  it("a Property Length past the end of the packet, cut off, or of five bytes is malformed", () => {
    fc.assert(
      fc.property(anyList, fc.integer({ min: 1, max: 10 }), ({ place, list }, missing) => {
        const encoded = properties(list);
        fc.pre(encoded.length > 1);
        const bytes = concat(encoded, new Uint8Array(20));
        const received = new ReceivedProperties(bytes, true);
        const end = Math.max(0, encoded.length - missing);
        expect(received.take(0, end, PLACES[place])).toMatchObject(MALFORMED);
      }),
    );
    for (const length of [
      [],
      [0x80],
      [0x80, 0x80],
      [0x80, 0x80, 0x80],
      [0x80, 0x80, 0x80, 0x80],
      [0x80, 0x80, 0x80, 0x80, 0],
      [0xff, 0xff, 0xff, 0x7f],
    ])
      expectError(Uint8Array.from(length), "PUBLISH", MALFORMED, { behind: 0 });
  });

  /** Whether `shorter` says the same in fewer bytes: where an integer took more than it needs, which 1.5.5 asks of senders. */
  function isLongerForm(bytes: Uint8Array, shorter: Uint8Array, place: Place): boolean {
    const { received } = take(bytes, place);
    const again = take(shorter, place);
    expect(iterated(again.received)).toEqual(iterated(received));
    const hasIntegers = bytes[0] >= 0x80 || received.hasSubscriptionIdentifier;
    return again.error === undefined && hasIntegers && bytes.length > shorter.length;
  }

  it("of random bytes, and of right ones with one changed: what is taken is just what is there, and all else is an error", () => {
    const changed = fc.tuple(anyList, fc.nat(), fc.nat({ max: 255 })).map(([{ place, list }, at, byte]) => {
      const bytes = properties(list);
      bytes[at % bytes.length] = byte;
      return { place, bytes };
    });
    const random = fc.record({ place: fc.constantFrom(...PLACE_NAMES), bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }) });
    fc.assert(
      fc.property(fc.oneof(changed, random), ({ place, bytes }) => {
        const { received, error } = take(bytes, place);
        if (error !== undefined) {
          expect([0x81, 0x82, 0x94]).toContain(error.reasonCode);
          return;
        }
        const taken = bytes.slice(0, received.limit - 3);
        const shorter = properties(iterated(received));
        if (toHex(taken) !== toHex(shorter)) expect(isLongerForm(taken, shorter, place)).toBe(true);
      }),
      { numRuns: 10_000 },
    );
  });

  it("nothing of them is in the error, which may be shown to anybody", () => {
    const { error } = take(properties([["authenticationData", utf8("secret")], ["authenticationData", utf8("secret")]]), "AUTH");
    expect(String(error)).not.toContain("secret");
  });
});
