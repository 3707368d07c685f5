import { describe, expect, it } from "vitest";
import { History } from "../../../hosts/mcsim/app/history.js";

function filled(capacity: number, count: number): History {
  const history = new History(capacity);
  for (let value = 1; value <= count; value++) history.add(value);
  return history;
}

const values = (history: History): number[] => Array.from({ length: history.length }, (_, index) => history.at(index));

describe("a history", () => {
  it("begins empty", () => {
    const history = new History(3);
    expect([history.length, history.capacity]).toEqual([0, 3]);
  });

  it.each([
    [2, [1, 2]],
    [3, [1, 2, 3]],
    [4, [2, 3, 4]],
    [9, [7, 8, 9]],
  ])("of three values has, after %d, the last ones from the oldest on", (count, expected) => {
    expect(values(filled(3, count))).toEqual(expected);
  });

  it("knows the range of what it has, and not of what it had", () => {
    const history = filled(3, 2);
    history.add(-5);
    expect([history.minimum, history.maximum]).toEqual([-5, 2]);
    for (let count = 0; count < 3; count++) history.add(7);
    expect([history.minimum, history.maximum]).toEqual([7, 7]);
  });
});
