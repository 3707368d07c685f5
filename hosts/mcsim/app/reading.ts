import type * as Piu from "piu/MC";
import { label, setText } from "./label.js";
import { container } from "./layout.js";
import type { Part } from "./part.js";
import type { State } from "./state.js";
import { style } from "./theme.js";

/** The figures are this high; the font has as much again above and below them. */
const FIGURE = 58;
const FONT_TOP = -22;
const FONT_HEIGHT = 98;
const CAPTION = 22;

// Pixels; the longest temperature decides on the width.
export const READING_WIDTH = 190;
export const READING_HEIGHT = FIGURE + CAPTION;

/** The last reading: the temperature large, the others small. */
export class Reading implements Part {
  readonly content: Piu.Content;
  readonly #temperature: Piu.Label;
  readonly #unit: string;
  readonly #humidity = label("", style.caption, { left: 0, top: FIGURE, width: 90, height: CAPTION });
  readonly #battery = label("", style.caption, { left: 96, right: 0, top: FIGURE, height: CAPTION });

  /** @param width what there is, in pixels; below `READING_WIDTH`, there are smaller figures and no battery. */
  constructor(width: number, place: Piu.Coordinates & Piu.Size) {
    const isSmall = width < READING_WIDTH;
    this.#unit = isSmall ? " C" : "°"; // the font of the smaller figures has no degrees
    this.#temperature = isSmall
      ? label("", style.smallFigure, { left: 0, right: 0, top: 0, height: FIGURE })
      : label("", style.figure, { left: 0, right: 0, top: FONT_TOP, height: FONT_HEIGHT });
    const contents = [this.#temperature, this.#humidity, ...(isSmall ? [] : [this.#battery])];
    this.content = container({ ...place, height: READING_HEIGHT, contents });
  }

  show({ temperature, humidity, battery, readings }: State): void {
    setText(this.#temperature, (readings > 0 ? temperature.toFixed(1) : "-.-") + this.#unit);
    if (readings === 0) return;
    setText(this.#humidity, `${humidity.toFixed(1)} % rH`);
    setText(this.#battery, `${battery.toFixed(2)} V`);
  }
}
