import { describe, expect, it } from "vitest";
import { linePlot, type LinePlot } from "./line-plot.js";
import { linearScale, logarithmicScale } from "./scale.js";

const plot: LinePlot = {
  title: "Heap & more",
  xLabel: "messages",
  yLabel: "bytes",
  series: [{ label: "slots", points: [[0, 0], [800, 500]] }],
};

describe("A scale", () => {
  it.each([
    [1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [93, [0, 20, 40, 60, 80, 100]],
    [1_000_000, [0, 200_000, 400_000, 600_000, 800_000, 1_000_000]],
  ])("up to %d has its ticks at round numbers, from 0", (maximum, ticks) => {
    const scale = linearScale(maximum, 5);
    expect(scale.ticks.map((tick) => Number(tick.toPrecision(6)))).toEqual(ticks);
    expect(scale.position(scale.to)).toBe(1);
  });

  it("that is logarithmic has its ticks at the powers of ten", () => {
    const scale = logarithmicScale(9_000);
    expect(scale.ticks).toEqual([1, 10, 100, 1_000, 10_000]);
    expect([0, 1, 100, 10_000].map(scale.position)).toEqual([0, 0, 0.5, 1]);
  });

  it("of nothing has a length all the same", () => {
    expect(linearScale(0, 5).to).toBeGreaterThan(0);
    expect(logarithmicScale(0).to).toBe(10);
  });
});

describe("A line plot", () => {
  it("has its lines from corner to corner, and a legend", () => {
    const svg = linePlot(plot);
    expect(svg).toContain('<polyline points="78,364 800,92" class="line line0"/>');
    expect(svg).toContain(">slots</text>");
  });

  it("says what it shows in words that SVG can take", () => {
    const svg = linePlot(plot);
    expect(svg).toContain("Heap &amp; more</title>");
    expect(svg).toContain(">messages</text>");
    expect(svg).toContain(">bytes</text>");
  });

  it("marks what happened, in the legend too", () => {
    const svg = linePlot({ ...plot, marks: { label: "restart", at: [400] } });
    expect(svg).toContain('<line x1="439" y1="92" x2="439" y2="364" class="mark"/>');
    expect(svg).toContain(">restart</text>");
  });

  it("is readable on light and dark ground", () => {
    expect(linePlot(plot)).toContain("prefers-color-scheme: dark");
  });
});
