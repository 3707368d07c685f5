import { describe, expect, it } from "vitest";
import { svg } from "./plot.js";
import { ticks } from "./ticks.js";

describe("the numbers at an axis", () => {
  it.each([
    [10_000, 5, [0, 2_000, 4_000, 6_000, 8_000, 10_000]],
    [10_001, 5, [0, 5_000, 10_000, 15_000]],
    [7, 5, [0, 2, 4, 6, 8]],
    [1, 5, [0, 0.2, 0.4, 0.6000000000000001, 0.8, 1]],
    [120, 8, [0, 20, 40, 60, 80, 100, 120]],
  ])("up to %i are round", (highest, most, expected) => {
    expect(ticks(highest, most)).toEqual(expected);
  });
});

describe("the plot", () => {
  const plot = svg({
    title: "A & B",
    timeAxis: "seconds",
    span: { seconds: 1, name: "gone" },
    panels: [{ title: "per second", series: [{ name: "a < b", values: [0, 10, 5] }, { name: "c", values: [1] }] }],
  });

  it("is whole: every element that begins ends, and text is escaped", () => {
    const open: string[] = [];
    for (const [, end, name, alone] of plot.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g))
      if (end) expect(open.pop()).toBe(name);
      else if (!alone) open.push(name);
    expect(open).toEqual([]);
    expect(plot).toContain("A &amp; B");
    expect(plot).toContain("a &lt; b");
  });

  it("has a curve for each series in each panel, with a point for each second, and one in the legend", () => {
    const curves = [...plot.matchAll(/class="curve curve(\d)" d="([^"]*)"/g)].map(([, index, path]) => [Number(index), path]);
    expect(curves.map(([index]) => index)).toEqual([0, 1, 0, 1]);
    expect(curves[2][1]).toBe("M189.3 264L424 84L658.7 174");
  });

  it("has colours for light and for dark pages", () => {
    expect(plot).toContain("prefers-color-scheme: dark");
  });
});
