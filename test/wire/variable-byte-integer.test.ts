import { describe, expect, it } from "vitest";
import fc from "fast-check";
import {
  MAXIMUM_REMAINING_LENGTH,
  variableByteIntegerSize,
  writeVariableByteInteger,
} from "../../src/wire/variable-byte-integer.js";
import { hex, remainingLength, toHex } from "../support/packets.js";

function written(value: number): Uint8Array {
  const bytes = new Uint8Array(6);
  return bytes.slice(1, writeVariableByteInteger(bytes, 1, value));
}

// Table 2.4 of MQTT 3.1.1: the first and last value of each size.
describe.each([
  [0, "00"],
  [1, "01"],
  [127, "7f"],
  [128, "80 01"],
  [16_383, "ff 7f"],
  [16_384, "80 80 01"],
  [2_097_151, "ff ff 7f"],
  [2_097_152, "80 80 80 01"],
  [268_435_455, "ff ff ff 7f"],
])("a Remaining Length of %i", (value, expected) => {
  it(`is ${expected}`, () => {
    expect(toHex(written(value))).toBe(expected);
  });

  it("has its size told beforehand", () => {
    expect(variableByteIntegerSize(value)).toBe(hex(expected).length);
  });
});

it("any Remaining Length is written as the standard's own algorithm does, in its shortest form", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: MAXIMUM_REMAINING_LENGTH }), (value) => {
      expect(toHex(written(value))).toBe(toHex(remainingLength(value)));
      expect(variableByteIntegerSize(value)).toBe(written(value).length);
    }),
  );
});

it("touches no byte but its own", () => {
  const bytes = new Uint8Array(6).fill(0xaa);
  expect(writeVariableByteInteger(bytes, 2, 300)).toBe(4);
  expect(toHex(bytes)).toBe("aa aa ac 02 aa aa");
});
