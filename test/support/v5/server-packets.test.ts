import { describe, expect, it } from "vitest";
import {
  auth,
  connack,
  disconnect,
  hex,
  pingresp,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  suback,
  toHex,
  unsuback,
} from "./packets.js";

// Each packet as the section of the standard has it that is named beside it, written down by hand.

describe("CONNACK (3.2)", () => {
  it.each([
    ["accepts", connack(), "20 03 00 00 00"],
    ["has a session", connack({ sessionPresent: true }), "20 03 01 00 00"],
    ["refuses", connack({ reasonCode: 0x87 }), "20 03 00 87 00"],
    ["has properties", connack({ properties: [["topicAliasMaximum", 10]] }), "20 06 00 00 03 22 00 0a"],
  ])("%s", expectBytes);
});

describe("PUBLISH (3.3)", () => {
  it.each([
    ["has no identifier with QoS 0", publish({ topic: "a", payload: "hi", identifier: 5 }), "30 06 00 01 61 00 68 69"],
    [
      "has every flag",
      publish({ topic: "a", qos: 2, dup: true, retain: true, identifier: 0x0102 }),
      "3d 06 00 01 61 01 02 00",
    ],
    [
      "has its properties behind its identifier",
      publish({ topic: "", qos: 1, identifier: 7, properties: [["topicAlias", 3]], payload: hex("ff") }),
      "32 09 00 00 00 07 03 23 00 03 ff",
    ],
  ])("%s", expectBytes);
});

describe.each([
  ["PUBACK (3.4)", puback, "40", 0x87],
  ["PUBREC (3.5)", pubrec, "50", 0x87],
  ["PUBREL (3.6)", pubrel, "62", 0x92],
  ["PUBCOMP (3.7)", pubcomp, "70", 0x92],
] as const)("%s", (_name, build, first, reasonCode) => {
  it("is its identifier alone, in the shortest form", () => {
    expect(toHex(build(0x0102))).toBe(`${first} 02 01 02`);
  });

  it("has a reason code only where that is not Success", () => {
    expect(toHex(build(7, reasonCode))).toBe(`${first} 03 00 07 ${reasonCode.toString(16)}`);
  });

  it("has its reason code wherever it has properties", () => {
    expect(toHex(build(7, 0, [["reasonString", "x"]]))).toBe(`${first} 08 00 07 00 04 1f 00 01 78`);
  });

  it("may be written in full", () => {
    expect(toHex(build(7, 0, [], "long"))).toBe(`${first} 04 00 07 00 00`);
    expect(toHex(build(7, reasonCode, [], "long"))).toBe(`${first} 04 00 07 ${reasonCode.toString(16)} 00`);
  });

  it("may have any bytes in the place of its properties", () => {
    expect(toHex(build(7, 0, hex("05 1f")))).toBe(`${first} 05 00 07 00 05 1f`);
  });
});

describe("SUBACK (3.9) and UNSUBACK (3.11)", () => {
  it.each([
    ["always have a Property Length", suback(7, 1), "90 04 00 07 00 01"],
    ["have a code for each filter", suback(7, [0, 1, 2, 0x80]), "90 07 00 07 00 00 01 02 80"],
    ["have properties in front of the codes", suback(7, 0, [["reasonString", "x"]]), "90 08 00 07 04 1f 00 01 78 00"],
    ["may have no codes at all", suback(7, []), "90 03 00 07 00"],
    ["are the same, but for the first byte", unsuback(7, [0, 0x11]), "b0 05 00 07 00 00 11"],
    ["are the same with properties", unsuback(7, 0x87, [["userProperty", ["", ""]]]), "b0 09 00 07 05 26 00 00 00 00 87"],
  ])("%s", expectBytes);
});

describe("DISCONNECT (3.14)", () => {
  it.each([
    ["is empty", disconnect(), "e0 00"],
    ["has a reason code", disconnect(0x8b), "e0 01 8b"],
    ["has properties", disconnect(0x9c, [["serverReference", "s"]]), "e0 06 9c 04 1c 00 01 73"],
    ["may be written in full", disconnect(0, [], "long"), "e0 02 00 00"],
  ])("%s", expectBytes);
});

describe("AUTH (3.15)", () => {
  it.each([
    ["is empty", auth(), "f0 00"],
    ["has a Property Length with any code but Success", auth(0x18), "f0 02 18 00"],
    ["has properties", auth(0x18, [["authenticationMethod", "m"]]), "f0 06 18 04 15 00 01 6d"],
    ["may be written in full", auth(0, [], "long"), "f0 02 00 00"],
  ])("%s", expectBytes);
});

describe("PINGRESP (3.13)", () => {
  it("is two bytes", () => {
    expectBytes("", pingresp(), "d0 00");
  });
});

function expectBytes(_what: string, packet: Uint8Array, bytes: string): void {
  expect(toHex(packet)).toBe(bytes);
}
