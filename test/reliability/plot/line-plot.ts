import { linearScale, logarithmicScale, type Scale } from "./scale.js";
import { STYLE } from "./style.js";
import { element, escaped, type Markup } from "./svg.js";

/** A line of a plot. */
export interface Series {
  readonly label: string;
  /** In the order of x; from 0 on both axes. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** What a plot shows. */
export interface LinePlot {
  readonly title: string;
  /** In a line under the title: what was measured, and by which command. */
  readonly subtitle?: string;
  /** What is on the axes, with its unit. */
  readonly xLabel: string;
  readonly yLabel: string;
  /** Up to four. */
  readonly series: readonly Series[];
  /** Where on the x axis something happened, as thin vertical lines. */
  readonly marks?: { readonly label: string; readonly at: readonly number[] };
  /** Whether the y axis is logarithmic, from 1. Default false. */
  readonly logarithmic?: boolean;
}

const WIDTH = 840;
const HEIGHT = 420;
const LEFT = 78;
const RIGHT = 40;
const TOP = 92;
const BOTTOM = 56;

const X_STEPS = 8;
const Y_STEPS = 5;

/** Room for one entry of the legend, per character and beside it. */
const CHARACTER = 7;
const ENTRY = 44;

/** A plot with lines, as the text of an SVG file that can be read on light and on dark ground. */
export function linePlot(plot: LinePlot): string {
  const points = plot.series.flatMap((series) => series.points);
  const maximumOf = (axis: 0 | 1): number => points.reduce((most, point) => Math.max(most, point[axis]), 0);
  const x = linearScale(maximumOf(0), X_STEPS);
  const y = plot.logarithmic ? logarithmicScale(maximumOf(1)) : linearScale(maximumOf(1), Y_STEPS);
  const axes = [...horizontalAxis(x, plot.xLabel), ...verticalAxis(y, plot.yLabel)];
  return document([...heading(plot), ...axes, ...marks(plot, x), ...lines(plot, x, y), ...legend(plot)]);
}

function document(content: readonly Markup[]): string {
  const attributes = { xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" };
  return `${element("svg", attributes, [element("style", {}, STYLE), ...content].join("\n"))}\n`;
}

function left(scale: Scale, value: number): number {
  return rounded(LEFT + scale.position(value) * (WIDTH - LEFT - RIGHT));
}

function top(scale: Scale, value: number): number {
  return rounded(HEIGHT - BOTTOM - scale.position(value) * (HEIGHT - TOP - BOTTOM));
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function heading({ title, subtitle }: LinePlot): Markup[] {
  const ground = element("rect", { width: WIDTH, height: HEIGHT, class: "ground" });
  const texts = [element("title", {}, escaped(title)), text(24, 30, title, "title")];
  if (subtitle !== undefined) texts.push(text(24, 50, subtitle));
  return [ground, ...texts];
}

function horizontalAxis(scale: Scale, label: string): Markup[] {
  const ticks = scale.ticks.map((tick) => text(left(scale, tick), HEIGHT - BOTTOM + 18, numeral(tick), "middle"));
  return [...ticks, text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, label, "middle label")];
}

function verticalAxis(scale: Scale, label: string): Markup[] {
  const middle = (TOP + HEIGHT - BOTTOM) / 2;
  const ticks = scale.ticks.flatMap((tick, index) => {
    const y = top(scale, tick);
    return [
      line(LEFT, y, WIDTH - RIGHT, y, index === 0 ? "axis" : "grid"),
      text(LEFT - 8, y + 4, numeral(tick), "end"),
    ];
  });
  return [...ticks, element("g", { transform: `rotate(-90 18 ${middle})` }, text(18, middle, label, "middle label"))];
}

function marks({ marks }: LinePlot, scale: Scale): Markup[] {
  return (marks?.at ?? []).map((at) => line(left(scale, at), TOP, left(scale, at), HEIGHT - BOTTOM, "mark"));
}

function lines({ series }: LinePlot, x: Scale, y: Scale): Markup[] {
  return series.map((one, index) => {
    const points = one.points.map(([across, up]) => `${left(x, across)},${top(y, up)}`).join(" ");
    return element("polyline", { points, class: `line line${index}` });
  });
}

function legend({ series, marks }: LinePlot): Markup[] {
  const entries = series.map(({ label }, index) => ({ label, style: `line line${index}` }));
  if (marks && marks.at.length > 0) entries.push({ label: marks.label, style: "mark" });
  let x = LEFT;
  return entries.flatMap(({ label, style }) => {
    const start = x;
    x += ENTRY + CHARACTER * label.length;
    return [line(start, TOP - 20, start + 18, TOP - 20, style), text(start + 24, TOP - 16, label)];
  });
}

function line(x1: number, y1: number, x2: number, y2: number, style: string): Markup {
  return element("line", { x1, y1, x2, y2, class: style });
}

function text(x: number, y: number, content: string, style = ""): Markup {
  return element("text", { x, y, class: style }, escaped(content));
}

function numeral(value: number): string {
  return value.toLocaleString("en-US", { maximumSignificantDigits: 6 });
}
