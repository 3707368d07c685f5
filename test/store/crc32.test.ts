import { expect, it } from "vitest";
import { crcOfBytes, crcOfInteger } from "../../src/store/crc32.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

it("is the CRC-32 of IEEE 802.3, whose check value is known", () => {
  expect(~crcOfBytes(~0, bytes("123456789"), 9) >>> 0).toBe(0xcbf4_3926);
});

it("goes on from part to part, and heeds the length", () => {
  const first = crcOfBytes(~0, bytes("1234"), 4);
  expect(crcOfBytes(first, bytes("56789"), 5)).toBe(crcOfBytes(~0, bytes("123456789 and more"), 9));
});

it("takes an integer as its four bytes, the lowest first", () => {
  expect(crcOfInteger(~0, 0x3433_3231)).toBe(crcOfBytes(~0, bytes("1234"), 4));
});
