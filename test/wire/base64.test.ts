import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { base64, decodeBase64 } from "../../src/wire/base64.js";
import { utf8 } from "../support/packets.js";

describe("base64", () => {
  it.each([
    ["", ""],
    ["f", "Zg=="],
    ["fo", "Zm8="],
    ["foo", "Zm9v"],
    ["foob", "Zm9vYg=="],
    ["fooba", "Zm9vYmE="],
    ["foobar", "Zm9vYmFy"],
  ])("of %j is %j, as RFC 4648 (10) has it", (text, encoded) => {
    expect(base64(utf8(text))).toBe(encoded);
  });

  it("has all 64 digits", () => {
    const bytes = Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", "base64");
    expect(base64(bytes)).toBe("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
  });

  it("is that of Node.js for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        expect(base64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
      }),
    );
  });
});

describe("decoding base64", () => {
  it("gives back any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        expect(decodeBase64(base64(bytes))).toEqual(bytes);
      }),
    );
  });

  it.each([
    ["no padding", "Zg"],
    ["too little padding", "Zg="],
    ["too much padding", "Zg==="],
    ["padding without need", "Zm9v===="],
    ["padding alone", "="],
    ["a digit by itself", "Z"],
    ["something behind the padding", "Zg==Zg=="],
    ["bits that are not used, and not 0", "Zh=="],
    ["another character", "Zm9!"],
    ["the alphabet of URLs", "__-_"],
    ["white space", "Zm 9v"],
    ["a line break", "Zm9v\n"],
    ["something beyond ASCII", "Zm9\u{1f600}"],
  ])("refuses %s", (_what, text) => {
    expect(decodeBase64(text)).toBeUndefined();
  });

  it("takes text for base64 exactly when Node.js would write it so", () => {
    const text = fc.string({ unit: fc.constantFrom("A", "Z", "a", "z", "0", "9", "+", "/", "=", "Q"), maxLength: 12 });
    fc.assert(
      fc.property(text, (encoded) => {
        const bytes = Buffer.from(encoded, "base64");
        const expected = bytes.toString("base64") === encoded ? new Uint8Array(bytes) : undefined;
        expect(decodeBase64(encoded)).toEqual(expected);
      }),
    );
  });
});
