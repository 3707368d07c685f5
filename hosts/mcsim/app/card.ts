import { Outline } from "commodetto/outline";
import type * as Piu from "piu/MC";
import type { Shape as PiuShape } from "piu/shape";

type Place = Piu.Coordinates & Piu.Size;

/** Fills its content with a rectangle with round corners. */
class RoundedBehavior extends Behavior {
  #radius = 0;

  override onCreate(_shape: PiuShape, { radius }: { radius: number }): void {
    this.#radius = radius;
  }

  override onDisplaying(shape: PiuShape): void {
    fillRounded(shape, shape.width, this.#radius);
  }
}

/** Fills a shape from its left side to `width` with a rectangle with round corners. */
export function fillRounded(shape: PiuShape, width: number, radius: number): void {
  shape.fillOutline = Outline.fill(Outline.RoundRectPath(0, 0, width, shape.height, radius));
}

/** A rectangle with round corners; `fill` are its colours by state. */
export function card(radius: number, fill: string | string[], place: Place = { left: 0, right: 0, top: 0, bottom: 0 }): PiuShape {
  return new Shape({ radius }, { ...place, skin: new Skin({ fill }), Behavior: RoundedBehavior });
}

/** A dot; `fill` are its colours by state. */
export function dot(diameter: number, fill: string | string[], place: Piu.Coordinates): PiuShape {
  return card(diameter / 2, fill, { ...place, width: diameter, height: diameter });
}
