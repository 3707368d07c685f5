import { Outline } from "commodetto/outline";
import type * as Piu from "piu/MC";
import type { Shape as PiuShape } from "piu/shape";
import { card, dot } from "./card.js";
import type { History } from "./history.js";
import { label, setText } from "./label.js";
import { container } from "./layout.js";
import type { Part } from "./part.js";
import type { State } from "./state.js";
import { colour, RADIUS, style } from "./theme.js";

const PADDING = 8;
const DOT = 6;
const LINE = 2;
/** Pixels for the range, in charts as wide as that. */
const GUTTER = 36;
const WIDE = 150;
const TEXT = 20;
/** °C: so that noise does not look like weather. */
const SMALLEST_SPAN = 2;

/** The last temperatures as a line, the newest at its right end. */
export class Chart implements Part {
  readonly content: Piu.Content;
  readonly #plot: PiuShape;
  readonly #newest = dot(DOT, colour.text, { right: PADDING - DOT / 2, top: 0 });
  readonly #maximum = label("", style.caption, { left: PADDING, width: GUTTER, top: 2, height: TEXT });
  readonly #minimum = label("", style.caption, { left: PADDING, width: GUTTER, bottom: 2, height: TEXT });
  #drawn = 0;

  /** @param width of the whole, in pixels. */
  constructor(width: number, place: Piu.Coordinates) {
    const isWide = width >= WIDE;
    const sides = { left: isWide ? PADDING + GUTTER : PADDING, right: PADDING, top: PADDING, bottom: PADDING };
    this.#plot = new Shape(null, { ...sides, skin: new Skin({ fill: colour.accentShade, stroke: colour.accent }) });
    this.#newest.visible = false;
    const range = isWide ? [this.#maximum, this.#minimum] : [];
    this.content = container({ ...place, contents: [card(RADIUS, colour.surface), ...range, this.#plot, this.#newest] });
  }

  show({ temperatures, readings }: State): void {
    if (readings === this.#drawn) return;
    this.#drawn = readings;
    const { minimum, maximum } = temperatures;
    const slack = Math.max(0, SMALLEST_SPAN - (maximum - minimum)) / 2;
    this.#draw(temperatures, minimum - slack, maximum + slack);
    setText(this.#maximum, (maximum + slack).toFixed(1));
    setText(this.#minimum, (minimum - slack).toFixed(1));
  }

  /** @param bottom the value at the lower edge. @param top the value at the upper one. */
  #draw(values: History, bottom: number, top: number): void {
    const { width, height } = this.#plot;
    const step = width / (values.capacity - 1);
    const left = width - (values.length - 1) * step;
    const y = (index: number): number => ((top - values.at(index)) / (top - bottom)) * height;
    const line = new Outline.CanvasPath();
    line.moveTo(left, y(0));
    for (let index = 1; index < values.length; index++) line.lineTo(left + index * step, y(index));
    this.#plot.strokeOutline = Outline.stroke(line, LINE, Outline.LINECAP_ROUND, Outline.LINEJOIN_ROUND);
    line.lineTo(width, height);
    line.lineTo(left, height);
    line.closePath();
    this.#plot.fillOutline = Outline.fill(line);
    this.#mark(PADDING + y(values.length - 1) - DOT / 2);
  }

  #mark(top: number): void {
    this.#newest.visible = true;
    this.#newest.moveBy(0, Math.round(this.content.y + top - this.#newest.y));
  }
}
