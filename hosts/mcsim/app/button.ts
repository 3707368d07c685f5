import type * as Piu from "piu/MC";
import { card } from "./card.js";
import { label } from "./label.js";
import { container } from "./layout.js";
import { colour, RADIUS, style } from "./theme.js";

interface Press {
  readonly surface: Piu.Content;
  readonly onPress: () => void;
}

class ButtonBehavior extends Behavior {
  #press: Press | undefined;

  override onCreate(_container: Piu.Content, press: Press): void {
    this.#press = press;
  }

  override onTouchBegan(): void {
    this.#light(1);
    this.#press?.onPress();
  }

  onTouchEnded(): void {
    this.#light(0);
  }

  override onTouchCancelled(): void {
    this.#light(0);
  }

  #light(state: number): void {
    if (this.#press) this.#press.surface.state = state;
  }
}

/** A button that acts when it is touched, not when it is let go. */
export function button(caption: string, onPress: () => void, place: Piu.Coordinates & Piu.Size): Piu.Content {
  const surface = card(RADIUS, [colour.accent, colour.accentPressed]);
  const contents = [surface, label(caption, style.button, { left: 0, right: 0, top: 0, bottom: 0 })];
  return container({ ...place, active: true, contents, Behavior: ButtonBehavior }, { surface, onPress });
}
