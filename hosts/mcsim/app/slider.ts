import type * as Piu from "piu/MC";
import { card, dot, fillRounded } from "./card.js";
import { container } from "./layout.js";
import { colour } from "./theme.js";

const KNOB = 22;
const TRACK = 6;

interface Range {
  readonly minimum: number;
  readonly maximum: number;
  /** Where it stands at first. */
  readonly value: number;
  readonly onChange: (value: number) => void;
}

class SliderBehavior extends Behavior {
  #slider: Slider | undefined;

  override onCreate(_container: Piu.Content, slider: Slider): void {
    this.#slider = slider;
  }

  override onDisplaying(): void {
    this.#slider?.draw();
  }

  override onTouchBegan(_container: Piu.Content, _id: number, x: number): void {
    this.#slider?.slideTo(x);
  }

  override onTouchMoved(_container: Piu.Content, _id: number, x: number): void {
    this.#slider?.slideTo(x);
  }
}

/** A knob on a track, to be dragged. */
export class Slider {
  readonly content: Piu.Content;
  readonly #range: Range;
  readonly #filled = card(TRACK / 2, colour.accent, { left: 0, right: 0, height: TRACK });
  readonly #knob = dot(KNOB, colour.text, { left: 0 });
  #value: number;

  constructor(range: Range, place: Piu.Coordinates) {
    this.#range = range;
    this.#value = range.value;
    const contents = [card(TRACK / 2, colour.raised, { left: 0, right: 0, height: TRACK }), this.#filled, this.#knob];
    const touch = { active: true, exclusiveTouch: true, backgroundTouch: true };
    this.content = container({ ...place, ...touch, contents, Behavior: SliderBehavior }, this);
  }

  /** Moves the knob to the horizontal position of a touch. */
  slideTo(x: number): void {
    const { minimum, maximum, onChange } = this.#range;
    const fraction = (x - this.content.x - KNOB / 2) / (this.content.width - KNOB);
    this.#value = minimum + Math.min(1, Math.max(0, fraction)) * (maximum - minimum);
    this.draw();
    onChange(this.#value);
  }

  draw(): void {
    const { minimum, maximum } = this.#range;
    const left = Math.round(((this.#value - minimum) / (maximum - minimum)) * (this.content.width - KNOB));
    this.#knob.moveBy(this.content.x + left - this.#knob.x, 0);
    fillRounded(this.#filled, left + KNOB / 2, TRACK / 2);
  }
}
