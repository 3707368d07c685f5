import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { backoff } from "../../src/client/backoff.js";

/** The longest wait after so many failures, as 2^53 / (2^53 + 1) comes close to. */
function longest(failures: number): number {
  return backoff(failures, 1_000, 60_000, 1);
}

describe("backoff", () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
    [6, 32_000],
    [7, 60_000],
    [8, 60_000],
    [1_000, 60_000],
    [100_000, 60_000],
  ])("after failure %i waits at most %i ms", (failures, expected) => {
    expect(longest(failures)).toBe(expected);
  });

  it("has full jitter: from nothing to the longest wait, evenly", () => {
    expect([0, 0.25, 0.5, 0.75].map((random) => backoff(3, 1_000, 60_000, random))).toEqual([0, 1_000, 2_000, 3_000]);
  });

  it("never exceeds a maximum below the period", () => {
    expect(backoff(1, 1_000, 300, 0.5)).toBe(150);
  });

  it("stays within its bounds for any arguments", () => {
    const time = fc.integer({ min: 1, max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 }), time, time, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (failures, period, maximum, random) => {
        const wait = backoff(failures, period, maximum, random);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(Math.min(maximum, period * 2 ** (failures - 1)));
      }),
    );
  });
});
