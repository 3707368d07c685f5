import { describe, expect, it } from "vitest";
import { frameFault, headerSize, isControl, opcodeOf, payloadSize } from "../../src/websocket/frame.js";
import { hex } from "../support/packets.js";

/** A header in a buffer with the rest of an earlier one behind it. */
function header(bytes: string): Uint8Array {
  const buffer = new Uint8Array(10).fill(0xee);
  buffer.set(hex(bytes));
  return buffer;
}

describe("a header", () => {
  it.each([
    ["", 2],
    ["82", 2],
    ["82 00", 2],
    ["82 7d", 2],
    ["82 7e", 4],
    ["82 7e 00", 4],
    ["82 7f", 10],
    ["82 7f 00 00 00 00 00 00 00", 10],
    ["82 fe", 4],
    ["82 ff", 10],
  ])("that begins with %j has %i bytes", (bytes, size) => {
    expect(headerSize(header(bytes), hex(bytes).length)).toBe(size);
  });

  it.each([
    ["82 00", 0],
    ["82 01", 1],
    ["82 7d", 125],
    ["82 7e 00 7e", 126],
    ["82 7e ff ff", 65_535],
    ["82 7f 00 00 00 00 00 01 00 00", 65_536],
    ["82 7f 00 00 00 00 ff ff ff ff", 2 ** 32 - 1],
    ["82 7f 00 00 00 01 00 00 00 00", 2 ** 32],
    ["82 7f 00 1f ff ff ff ff ff ff", Number.MAX_SAFE_INTEGER],
  ])("%j announces %i bytes", (bytes, size) => {
    expect(payloadSize(header(bytes), hex(bytes).length)).toBe(size);
  });

  it.each([0, 1, 2, 3, 7, 8, 9, 10, 11, 15])("has the opcode %i, whatever is set beside it", (opcode) => {
    expect(opcodeOf(Uint8Array.of(opcode, 0))).toBe(opcode);
    expect(opcodeOf(Uint8Array.of(0xf0 | opcode, 0))).toBe(opcode);
    expect(isControl(opcode)).toBe(opcode >= 8);
  });
});

describe("a header is all right when it", () => {
  it.each([
    ["is of a message", "82 05", false],
    ["is of a message without bytes", "82 00", false],
    ["begins a message", "02 05", false],
    ["goes on with a message", "00 05", true],
    ["ends a message", "80 05", true],
    ["has a length of two bytes", "82 7e 01 00", false],
    ["has the largest length that is a whole number in JavaScript", "82 7f 00 1f ff ff ff ff ff ff", false],
    ["is a ping", "89 7d", false],
    ["is a pong in the midst of a message", "8a 00", true],
    ["is a close frame in the midst of a message", "88 02", true],
  ])("%s", (_what, bytes, isHalfway) => {
    expect(frameFault(header(bytes), hex(bytes).length, isHalfway)).toBeUndefined();
  });
});

describe("a header is wrong when it", () => {
  it.each<readonly [string, string, boolean, string]>([
    ["has the first reserved bit set", "c2 00", false, "reserved bits are set"],
    ["has the second reserved bit set", "a2 00", false, "reserved bits are set"],
    ["has the third reserved bit set", "92 00", false, "reserved bits are set"],
    ["has a mask", "82 81 00 00 00 00 00", false, "a server's frame is masked"],
    ["is of text", "81 01", false, "a text frame, where MQTT has binary ones"],
    ["is of text in parts", "01 01", false, "a text frame, where MQTT has binary ones"],
    ["is of text in the midst of a message", "81 01", true, "a text frame, where MQTT has binary ones"],
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(
      (opcode) => [`has the opcode ${opcode}`, `8${opcode.toString(16)} 00`, false, `opcode ${opcode}`] as const,
    ),
    ["announces more than is a whole number in JavaScript", "82 7f 00 20 00 00 00 00 00 00", false, "an impossible length"],
    ["has the highest bit of its length set", "82 7f 80 00 00 00 00 00 00 00", false, "an impossible length"],
    ["is a ping in parts", "09 00", false, "a control frame in parts"],
    ["is a pong in parts", "0a 00", false, "a control frame in parts"],
    ["is a close frame in parts", "08 00", false, "a control frame in parts"],
    ["is a ping of 126 bytes", "89 7e 00 7e", false, "a control frame of more than 125 bytes"],
    ["is a ping of 65,536 bytes", "89 7f 00 00 00 00 00 01 00 00", false, "a control frame of more than 125 bytes"],
    ["goes on with no message", "80 05", false, "a part of no message"],
    ["begins a message within a message", "82 05", true, "a message within a message"],
    ["begins a message in parts within a message", "02 05", true, "a message within a message"],
  ])("%s", (_what, bytes, isHalfway, fault) => {
    expect(frameFault(header(bytes), hex(bytes).length, isHalfway)).toBe(fault);
  });
});
