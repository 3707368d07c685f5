import type * as Piu from "piu/MC";
import type { State } from "./state.js";

/** A piece of the screen that shows a piece of the state. */
export interface Part {
  readonly content: Piu.Content;
  /** Changes what has changed. */
  show(state: State): void;
}
