import type * as Piu from "piu/MC";
import { dot } from "./card.js";
import { label, setText } from "./label.js";
import { container } from "./layout.js";
import type { Part } from "./part.js";
import type { Connection, State } from "./state.js";
import { colour, MARGIN, style } from "./theme.js";

export const HEADER_HEIGHT = 28;
const DOT = 12;
/** Pixels of the usual word; a longer one is there for a moment only. */
const WORD = 66;

const CONNECTIONS: readonly Connection[] = ["connecting", "connected", "offline"];
const WORDS: Record<Connection, string> = { connecting: "Waiting", connected: "Online", offline: "Offline" };

/** Whether there is a connection, and to which broker. */
export class Header implements Part {
  readonly content: Piu.Content;
  readonly #dot = dot(DOT, [colour.waiting, colour.good, colour.bad], { left: MARGIN });
  readonly #word = label("", style.title, { left: MARGIN + DOT + 8, width: WORD, top: 0, bottom: 0 });

  constructor(broker: string) {
    const address = label(broker, style.captionRight, { left: MARGIN + DOT + 8 + WORD, right: MARGIN, top: 0, bottom: 0 });
    this.content = container({ left: 0, right: 0, height: HEADER_HEIGHT, contents: [this.#dot, this.#word, address] });
  }

  show({ connection }: State): void {
    this.#dot.state = CONNECTIONS.indexOf(connection);
    setText(this.#word, WORDS[connection]);
  }
}
