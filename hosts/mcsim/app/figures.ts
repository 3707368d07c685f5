import type * as Piu from "piu/MC";
import { card } from "./card.js";
import { count, duration, kilobytes } from "./format.js";
import { chunks, slots } from "./heap.js";
import { label, setText } from "./label.js";
import { column, container } from "./layout.js";
import type { Part } from "./part.js";
import type { State } from "./state.js";
import { colour, RADIUS, style } from "./theme.js";

const LINE = 21;
const PADDING = 4;
const SIDE = 8;
const BETWEEN = 14;

export const FIGURES_HEIGHT = 2 * (LINE + PADDING);

/** A number with its name before it. */
class Figure {
  readonly content: Piu.Content;
  readonly #value = label("", style.value, { left: 0, right: 0, top: 0, height: LINE });

  constructor(name: string) {
    const contents = [label(name, style.caption, { left: 0, right: 0, top: 0, height: LINE }), this.#value];
    this.content = container({ left: 0, right: 0, height: LINE, contents });
  }

  show(value: string): void {
    setText(this.#value, value);
  }
}

/** Messages sent and acknowledged, the last round trip, and what is in use of the heap. */
export class Figures implements Part {
  readonly content: Piu.Content;
  readonly #sent = new Figure("sent");
  readonly #acknowledged = new Figure("acked");
  readonly #roundTrip = new Figure("trip");
  readonly #heap = new Figure("heap");

  /** @param width of the whole, in pixels. */
  constructor(width: number, place: Piu.Coordinates) {
    const column = (width - 2 * SIDE - BETWEEN) / 2;
    const left = figures([this.#sent, this.#acknowledged], { left: SIDE, width: column });
    const right = figures([this.#roundTrip, this.#heap], { right: SIDE, width: column });
    const contents = [card(RADIUS, colour.surface), left, right];
    this.content = container({ ...place, height: FIGURES_HEIGHT, contents });
  }

  show({ sent, acknowledged, roundTrip }: State): void {
    this.#sent.show(count(sent));
    this.#acknowledged.show(count(acknowledged));
    if (acknowledged > 0) this.#roundTrip.show(duration(roundTrip));
    this.#heap.show(`${kilobytes(slots.value + chunks.value)}B`);
  }
}

function figures(all: readonly Figure[], place: Piu.Coordinates & Piu.Size): Piu.Content {
  return column({ ...place, top: PADDING, contents: all.map(({ content }) => content) });
}
