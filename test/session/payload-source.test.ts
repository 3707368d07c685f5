import { describe, expect, it } from "vitest";
import { readPayload, readWholePayload } from "../../src/session/payload-source.js";

const BYTES = Uint8Array.of(1, 2, 3, 4, 5);

/** A source that puts at most so many bytes at a time. */
function source(most: number) {
  return {
    length: BYTES.length,
    read(target: Uint8Array, start: number, end: number, position: number): number {
      const piece = BYTES.subarray(position, position + Math.min(most, end - start));
      target.set(piece, start);
      return piece.length;
    },
  };
}

describe.each([
  ["bytes", BYTES],
  ["a source", source(5)],
])("readPayload of %s", (_, payload) => {
  it("puts so many bytes from a position to a start, and touches no others", () => {
    const target = new Uint8Array(6);
    expect(readPayload(payload, target, 2, 3, 1)).toBe(3);
    expect(Array.from(target)).toEqual([0, 0, 2, 3, 4, 0]);
  });
});

describe("readWholePayload", () => {
  it.each([
    ["bytes", BYTES, true],
    ["a source that is ready", source(5), true],
    ["a source that is ready in part", source(4), false],
    ["a source that is not ready", source(0), false],
    ["a source that gives up", { length: 5, read: () => -1 }, false],
  ])("of %s", (_, payload, whole) => {
    const target = new Uint8Array(8);
    expect(readWholePayload(payload, target, 2)).toBe(whole);
    if (whole) expect(Array.from(target)).toEqual([0, 0, 1, 2, 3, 4, 5, 0]);
  });

  it("does not ask an empty source", () => {
    const empty = { length: 0, read: () => expect.fail("read") };
    expect(readWholePayload(empty, new Uint8Array(0), 0)).toBe(true);
  });
});
