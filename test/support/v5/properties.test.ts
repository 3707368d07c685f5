import { describe, expect, it } from "vitest";
import { concat, hex, properties, property, toHex, uint32, variableByteInteger, type Property } from "./packets.js";
import { namesOf, PROPERTY_NAMES } from "./property-table.js";

/** Every property of Table 2-4, in its order, with the bytes it has there and in 1.5. */
const WRITTEN: readonly (readonly [Property, string])[] = [
  [["payloadFormatIndicator", 1], "01 01"],
  [["messageExpiryInterval", 0x01020304], "02 01 02 03 04"],
  [["contentType", "ä"], "03 00 02 c3 a4"],
  [["responseTopic", "a/b"], "08 00 03 61 2f 62"],
  [["correlationData", Uint8Array.of(0xff, 0)], "09 00 02 ff 00"],
  [["subscriptionIdentifier", 128], "0b 80 01"],
  [["sessionExpiryInterval", 0xffffffff], "11 ff ff ff ff"],
  [["assignedClientIdentifier", "c"], "12 00 01 63"],
  [["serverKeepAlive", 0x0102], "13 01 02"],
  [["authenticationMethod", "m"], "15 00 01 6d"],
  [["authenticationData", "d"], "16 00 01 64"],
  [["requestProblemInformation", 0], "17 00"],
  [["willDelayInterval", 5], "18 00 00 00 05"],
  [["requestResponseInformation", 1], "19 01"],
  [["responseInformation", ""], "1a 00 00"],
  [["serverReference", "s"], "1c 00 01 73"],
  [["reasonString", "r"], "1f 00 01 72"],
  [["receiveMaximum", 65_535], "21 ff ff"],
  [["topicAliasMaximum", 256], "22 01 00"],
  [["topicAlias", 1], "23 00 01"],
  [["maximumQoS", 1], "24 01"],
  [["retainAvailable", 0], "25 00"],
  [["userProperty", ["n", "v"]], "26 00 01 6e 00 01 76"],
  [["maximumPacketSize", 0x80000000], "27 80 00 00 00"],
  [["wildcardSubscriptionAvailable", 0], "28 00"],
  [["subscriptionIdentifiersAvailable", 0], "29 00"],
  [["sharedSubscriptionAvailable", 0], "2a 00"],
];

describe("a property", () => {
  it("has a line here, whichever of the standard's it is", () => {
    expect(WRITTEN.map(([[name]]) => name)).toEqual(PROPERTY_NAMES);
  });

  for (const [written, bytes] of WRITTEN)
    it(`${written[0]} is ${bytes}`, () => {
      expect(toHex(property(written))).toBe(bytes);
    });

  it("may have a value that the standard forbids, but none that has no room", () => {
    expect(toHex(property(["topicAlias", 0]))).toBe("23 00 00");
    expect(toHex(property(["maximumQoS", 255]))).toBe("24 ff");
    expect(toHex(property(["contentType", hex("c0 80")]))).toBe("03 00 02 c0 80");
    expect(() => property(["maximumQoS", 256])).toThrow("256 is not in 0..255");
    expect(() => property(["topicAlias", 65_536])).toThrow();
    expect(() => property(["messageExpiryInterval", 2 ** 32])).toThrow();
    expect(() => property(["subscriptionIdentifier", 268_435_456])).toThrow();
    expect(() => property(["topicAlias", -1])).toThrow();
  });
});

describe("a list of properties", () => {
  it("has its length in front, and that alone where there are none", () => {
    expect(toHex(properties([]))).toBe("00");
    expect(toHex(properties([["topicAlias", 1]]))).toBe("03 23 00 01");
  });

  it("is written in its order, with properties that come twice, and bytes as they are", () => {
    const list = properties([["topicAlias", 2], hex("7f"), ["maximumQoS", 1], ["topicAlias", 2]]);
    expect(toHex(list)).toBe("09 23 00 02 7f 24 01 23 00 02");
  });

  it("has a length of two bytes from 128 on", () => {
    const list = properties([["reasonString", "x".repeat(125)]]);
    expect(toHex(list.slice(0, 5))).toBe("80 01 1f 00 7d");
    expect(list.length).toBe(130);
  });

  it("may be bytes as a whole, its length included", () => {
    expect(toHex(properties(hex("80 00")))).toBe("80 00");
  });
});

describe("integers", () => {
  it("of four bytes have the most significant first", () => {
    expect(toHex(concat(uint32(0), uint32(1), uint32(0xfedcba98)))).toBe("00 00 00 00 00 00 00 01 fe dc ba 98");
  });

  // Table 1-1.
  it.each([
    [0, "00"],
    [127, "7f"],
    [128, "80 01"],
    [16_383, "ff 7f"],
    [16_384, "80 80 01"],
    [2_097_151, "ff ff 7f"],
    [2_097_152, "80 80 80 01"],
    [268_435_455, "ff ff ff 7f"],
  ])("of variable length: %d is %s", (value, bytes) => {
    expect(toHex(variableByteInteger(value))).toBe(bytes);
  });
});

describe("where properties may stand", () => {
  it.each([
    ["client", "SUBSCRIBE", ["subscriptionIdentifier", "userProperty"]],
    ["client", "UNSUBSCRIBE", ["userProperty"]],
    ["client", "PUBREL", ["reasonString", "userProperty"]],
    ["client", "DISCONNECT", ["sessionExpiryInterval", "reasonString", "userProperty"]],
    ["server", "DISCONNECT", ["serverReference", "reasonString", "userProperty"]],
    ["server", "SUBACK", ["reasonString", "userProperty"]],
    ["server", "AUTH", ["authenticationMethod", "authenticationData", "reasonString", "userProperty"]],
    ["server", "WILL", []],
  ] as const)("a %s's %s", (sender, place, names) => {
    expect(namesOf(sender, place)).toEqual(names);
  });

  // 3.1.2.11, 3.1.3.2, 3.2.2.3, 3.3.2.3: how many each of them describes.
  it.each([
    ["client", "CONNECT", 9],
    ["client", "WILL", 7],
    ["client", "PUBLISH", 7],
    ["server", "CONNACK", 17],
    ["server", "PUBLISH", 8],
  ] as const)("a %s's %s has %d", (sender, place, count) => {
    expect(namesOf(sender, place)).toHaveLength(count);
  });
});
