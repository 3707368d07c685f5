import { describe, expect, it } from "vitest";
import { join } from "../../src/codec/join.js";
import { packet, toHex } from "../support/packets.js";

describe("join", () => {
  it("makes a packet of nothing", () => {
    expect(toHex(join(0xc0, []))).toBe("c0 00");
  });

  it("puts the parts one after the other", () => {
    expect(toHex(join(0x82, [Uint8Array.of(0, 1), new Uint8Array(0), Uint8Array.of(2)]))).toBe("82 03 00 01 02");
  });

  it.each([127, 128, 16_383, 16_384])("has room for the length of %i bytes", (length) => {
    const part = new Uint8Array(length).fill(5);
    expect(toHex(join(0x10, [part]))).toBe(toHex(packet(0x10, part)));
  });
});
