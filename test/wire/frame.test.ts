import { describe, expect, it } from "vitest";
import fc from "fast-check";
import {
  frame,
  INCOMPLETE,
  MAXIMUM_HEADER,
  MAXIMUM_REMAINING_LENGTH,
  packetSize,
  put,
  readLength,
  TOO_LONG,
  writeLength,
} from "../../src/wire/frame.js";
import { hex, packet, remainingLength, toHex } from "../support/packets.js";

function written(value: number): Uint8Array {
  const bytes = new Uint8Array(6);
  return bytes.slice(1, writeLength(bytes, 1, value));
}

/** What `readLength` says of bytes that have others around them. */
function read(bytes: Uint8Array): { length: number; size: number } {
  const result = readLength(Uint8Array.of(0xff, ...bytes, 0xff), 1, 1 + bytes.length);
  return { length: result >>> 3, size: result & 7 };
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

  it("is read back, with its size", () => {
    expect(read(hex(expected))).toEqual({ length: value, size: hex(expected).length });
  });

  it("is incomplete while any of its bytes is missing", () => {
    const bytes = hex(expected);
    for (let end = 0; end < bytes.length; end++) expect(readLength(bytes, 0, end)).toBe(INCOMPLETE);
  });
});

it("any Remaining Length is written as the standard's own algorithm does, in its shortest form, and read back", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: MAXIMUM_REMAINING_LENGTH }), (value) => {
      expect(toHex(written(value))).toBe(toHex(remainingLength(value)));
      expect(read(written(value))).toEqual({ length: value, size: written(value).length });
    }),
  );
});

it("writing touches no byte but its own", () => {
  const bytes = new Uint8Array(6).fill(0xaa);
  expect(writeLength(bytes, 2, 300)).toBe(4);
  expect(toHex(bytes)).toBe("aa aa ac 02 aa aa");
});

describe("readLength", () => {
  it.each(["80 80 80 80", "ff ff ff ff", "80 80 80 80 01"])("of %s: no length goes on after four bytes", (bytes) => {
    expect(readLength(hex(bytes), 0, hex(bytes).length)).toBe(TOO_LONG);
  });

  it("may have more bytes than it takes, which 3.1.1 does not forbid", () => {
    expect(read(hex("82 80 80 00"))).toEqual({ length: 2, size: 4 });
  });
});

describe("put", () => {
  it("copies to where it is told, and says where that ends", () => {
    const bytes = new Uint8Array(5);
    expect(put(bytes, 1, Uint8Array.of(1, 2, 3))).toBe(4);
    expect(toHex(bytes)).toBe("00 01 02 03 00");
  });

  it("fills to the last byte, and throws with one more", () => {
    expect(put(new Uint8Array(3), 1, Uint8Array.of(1, 2))).toBe(3);
    expect(() => put(new Uint8Array(3), 2, Uint8Array.of(1, 2))).toThrow(
      expect.objectContaining({ code: "ERR_PACKET_SIZE", message: packetSize(4, 3).message }) as Error,
    );
  });
});

describe("frame", () => {
  it.each([0, 1, 2, 127, 128, 16_383, 16_384])("puts the header before a body of %i bytes", (length) => {
    const body = Uint8Array.from({ length }, (_, index) => (index * 7) % 251);
    const bytes = new Uint8Array(MAXIMUM_HEADER + length);
    bytes.set(body, MAXIMUM_HEADER);
    const end = frame(bytes, 0x82, bytes.length);
    expect(toHex(bytes.slice(0, end))).toBe(toHex(packet(0x82, body)));
  });
});

it("packetSize says how many bytes there should be, and is the fault of the caller", () => {
  expect(packetSize(33, 32)).toMatchObject({ code: "ERR_PACKET_SIZE", fault: "caller" });
  expect(packetSize(33, 32).message).toBe("the packet needs 33 bytes or more, 32 is the limit");
});
