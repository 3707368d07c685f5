import type * as Piu from "piu/MC";
import { card, dot } from "./card.js";
import { label, setText } from "./label.js";
import { container } from "./layout.js";
import type { Part } from "./part.js";
import type { State } from "./state.js";
import { colour, RADIUS, style } from "./theme.js";

export const COMMAND_BAR_HEIGHT = 26;
const LAMP = 14;
const PADDING = 8;

const NOTHING = 0;
const COMMAND = 1;
const FAILURE = 2;

/** The lamp, and the last command; while there is no connection, why. */
export class CommandBar implements Part {
  readonly content: Piu.Content;
  readonly #lamp = dot(LAMP, [colour.raised, colour.lit], { left: PADDING });
  readonly #notice = label("", style.notice, { left: 2 * PADDING + LAMP, right: PADDING, top: 0, bottom: 0 });

  constructor(place: Piu.Coordinates) {
    const contents = [card(RADIUS, colour.surface), this.#lamp, this.#notice];
    this.content = container({ ...place, height: COMMAND_BAR_HEIGHT, contents });
  }

  show({ lamp, connection, failure, command }: State): void {
    this.#lamp.state = lamp.isLit ? 1 : 0;
    if (connection === "offline") this.#tell(FAILURE, failure);
    else if (command === "") this.#tell(NOTHING, "No command yet");
    else this.#tell(COMMAND, command);
  }

  #tell(state: number, text: string): void {
    this.#notice.state = state;
    setText(this.#notice, text);
  }
}
