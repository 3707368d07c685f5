import { grouped } from "../../../hosts/start/format.js";
import { ticks } from "./ticks.js";

/** One curve: a value for each second. */
export interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

/** A diagram over time, one of several on top of each other. */
export interface Panel {
  readonly title: string;
  readonly series: readonly Series[];
}

/** What is plotted. */
export interface Plot {
  readonly title: string;
  /** What time is counted from. */
  readonly timeAxis: string;
  /** A span of time that is shaded, and what it is. */
  readonly span: { readonly seconds: number; readonly name: string };
  readonly panels: readonly Panel[];
}

const WIDTH = 800;
const LEFT = 72;
const RIGHT = 24;
const TOP = 84;
const PANEL = 180;
const GAP = 56;
const BOTTOM = 44;

/** Colours of the curves, and how they are dashed, for those who cannot tell the colours apart. */
const STYLE = `
  .page { fill: #ffffff } .axis { stroke: #8c959f } .grid { stroke: #d8dee4 } .span { fill: #eaeef2 } text { fill: #1f2328 }
  .curve { fill: none; stroke-width: 2; stroke-linejoin: round }
  .curve0 { stroke: #0969da } .curve1 { stroke: #cf222e } .curve2 { stroke: #9a6700; stroke-dasharray: 5 4 }
  text { font: 13px system-ui, sans-serif } .number { font-variant-numeric: tabular-nums }
  .title { font-weight: 600; font-size: 15px }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } .axis { stroke: #6e7681 } .grid { stroke: #21262d } .span { fill: #161b22 } text { fill: #e6edf3 }
    .curve0 { stroke: #58a6ff } .curve1 { stroke: #ff7b72 } .curve2 { stroke: #d29922 }
  }`;

/** Draws it, as the text of an SVG file that can be read on light and on dark pages. */
export function svg(plot: Plot): string {
  const height = TOP + plot.panels.length * (PANEL + GAP) - GAP + BOTTOM;
  const seconds = Math.max(...plot.panels.flatMap(({ series }) => series.map(({ values }) => values.length)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escaped(plot.title)}</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="page" width="${WIDTH}" height="${height}"/>`,
    text(LEFT, 26, plot.title, `class="title"`),
    ...legend(plot.panels[0].series),
    ...plot.panels.flatMap((panel, index) => drawPanel(panel, plot, seconds, TOP + index * (PANEL + GAP))),
    text(LEFT + (WIDTH - LEFT - RIGHT) / 2, height - 8, plot.timeAxis, `text-anchor="middle"`),
    "</svg>",
    "",
  ].join("\n");
}

function legend(series: readonly Series[]): string[] {
  let x = LEFT;
  return series.flatMap(({ name }, index) => {
    const at = x;
    x += 60 + 7 * name.length;
    return [`<path class="curve curve${index}" d="M${at} 46h28"/>`, text(at + 36, 50, name)];
  });
}

function drawPanel({ title, series }: Panel, { span }: Plot, seconds: number, top: number): string[] {
  const levels = ticks(Math.max(1, ...series.flatMap(({ values }) => values)), 5);
  const highest = levels[levels.length - 1];
  const bottom = top + PANEL;
  const x = (second: number): number => round(LEFT + (second * (WIDTH - LEFT - RIGHT)) / seconds);
  const y = (value: number): number => round(bottom - (value * PANEL) / highest);
  const path = (values: readonly number[]): string => values.map((value, second) => `${x(second + 0.5)} ${y(value)}`).join("L");
  return [
    `<rect class="span" x="${x(0)}" y="${top}" width="${round(x(span.seconds) - x(0))}" height="${PANEL}"/>`,
    ...levels.map((level) => `<path class="grid" d="M${x(0)} ${y(level)}H${x(seconds)}"/>`),
    ...levels.map((level) => text(LEFT - 8, y(level) + 4, grouped(level), `class="number" text-anchor="end"`)),
    ...ticks(seconds, 8).flatMap((second) => (second > seconds ? [] : timeMark(x(second), bottom, second))),
    `<path class="axis" d="M${x(0)} ${bottom}H${x(seconds)}"/>`,
    text(x(span.seconds / 2), top + 16, span.name, `text-anchor="middle" opacity="0.7"`),
    ...series.map(({ values }, index) => `<path class="curve curve${index}" d="M${path(values)}"/>`),
    text(LEFT, top - 10, title),
  ];
}

function timeMark(x: number, y: number, second: number): string[] {
  return [`<path class="axis" d="M${x} ${y}v5"/>`, text(x, y + 18, String(second), `class="number" text-anchor="middle"`)];
}

function text(x: number, y: number, content: string, attributes = ""): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function round(coordinate: number): number {
  return Math.round(coordinate * 10) / 10;
}
