import { describe, expect, it } from "vitest";
import { Random } from "./random.js";
import { randomFaults } from "./random-faults.js";

const MANY = 2_000;

const several = <Item>(draw: () => Item): Item[] => Array.from({ length: MANY }, draw);

describe("Random", () => {
  it("is the same for the same seed, and another for another", () => {
    const numbers = (seed: number): number[] => {
      const random = new Random(seed);
      return Array.from({ length: 10 }, () => random.next());
    };
    expect(numbers(1)).toEqual(numbers(1));
    expect(numbers(1)).not.toEqual(numbers(2));
  });

  it("has forks that do not depend on how far it has come", () => {
    const random = new Random(3);
    const before = random.fork(1).next();
    random.next();
    expect(random.fork(1).next()).toBe(before);
    expect(random.fork(2).next()).not.toBe(before);
  });

  it("keeps to its ranges, and reaches their ends", () => {
    const random = new Random(4);
    expect([...new Set(several(() => random.between(2, 4)))].sort()).toEqual([2, 3, 4]);
    const spread = several(() => random.spread(100));
    expect(Math.min(...spread)).toBe(0);
    expect(Math.max(...spread)).toBeLessThanOrEqual(100);
    expect(spread.filter((each) => each < 10).length).toBeGreaterThan(MANY / 3);
  });

  it("draws names as often as their weights say", () => {
    const random = new Random(5);
    const names = several(() => random.weighted({ often: 9, seldom: 1, never: 0 }));
    expect(new Set(names)).toEqual(new Set(["often", "seldom"]));
    expect(names.filter((name) => name === "often").length).toBeGreaterThan(MANY * 0.8);
  });
});

describe("randomFaults", () => {
  it("draws every fault there is", () => {
    const random = new Random(6);
    const drawn = Array.from({ length: MANY }, (_, at) => randomFaults(random.fork(at)));
    expect(new Set(drawn.map(({ opening }) => opening)).size).toBe(4);
    expect(new Set(drawn.map(({ ending }) => `${ending?.how} ${ending?.side}`)).size).toBe(7);
    expect(drawn.some(({ blockades }) => blockades.length > 0)).toBe(true);
    const pieces = drawn.flatMap(({ nextPiece }) => Array.from({ length: 20 }, nextPiece));
    expect(pieces.some(({ size }) => size < Infinity)).toBe(true);
    expect(pieces.some(({ delay }) => delay >= 20)).toBe(true);
  });
});
