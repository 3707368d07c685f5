import { describe, expect, it } from "vitest";
import { readPayload } from "../../src/session/payload-source.js";

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

it("readPayload tells what a source tells: less than asked for, nothing yet, that it gave up", () => {
  expect(readPayload(source(2), new Uint8Array(6), 0, 5, 0)).toBe(2);
  expect(readPayload(source(0), new Uint8Array(6), 0, 5, 0)).toBe(0);
  expect(readPayload({ length: 5, read: () => -1 }, new Uint8Array(6), 0, 5, 0)).toBe(-1);
});
