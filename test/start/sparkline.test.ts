import { describe, expect, it } from "vitest";
import { progressBar, sparkline } from "../../hosts/start/sparkline.js";

describe("a sparkline", () => {
  it("goes from the lowest to the highest value", () => {
    expect(sparkline([1, 2, 3, 4, 5, 6, 7, 8], 8)).toBe("▁▂▃▄▅▆▇█");
    expect(sparkline([-1, 1], 8)).toBe("▁█");
  });

  it("is flat when nothing changes", () => expect(sparkline([7, 7, 7], 8)).toBe("▁▁▁"));

  it("is flat when what changes is little", () => {
    expect(sparkline([1000, 1001, 1000], 8, 100)).toBe("▁▁▁");
    expect(sparkline([1000, 1100, 1000], 8, 100)).toBe("▁█▁");
  });

  it("shows the latest values that there is room for", () => {
    expect(sparkline([9, 9, 9, 1, 2], 2)).toBe("▁█");
    expect(sparkline([1, 2], 0)).toBe("");
    expect(sparkline([], 8)).toBe("");
  });
});

describe("a progress bar", () => {
  it.each([
    [0, "    "],
    [0.125, "╸   "],
    [0.5, "━━  "],
    [0.99, "━━━╸"],
    [1, "━━━━"],
    [2, "━━━━"],
  ])("of %d", (fraction, bar) => expect(progressBar(fraction, 4)).toBe(bar));
});
