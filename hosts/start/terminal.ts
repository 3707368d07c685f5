import { cutLine, inColour, plainly, type Paint } from "./paint.js";
import type { Presenter } from "./presenter.js";
import { isComplete, type Progress } from "./progress.js";
import { describeReport } from "./report.js";
import { progressBar } from "./sparkline.js";
import { render } from "./view.js";

const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
const CLEAR_LINE = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

const PREPARATION_WIDTH = 48;

/** For terminals that do not say how large they are. */
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

/** Milliseconds between two frames. */
const FRAME = 50;

/** What is needed of a terminal. */
export type Terminal = Pick<NodeJS.WriteStream, "write" | "columns" | "rows">;

/** Shows a run as a view that stays in its place and is drawn over, and the report under the last of it. */
export class TerminalPresenter implements Presenter {
  readonly #terminal: Terminal;
  readonly #paint: Paint;
  #drawn = 0;
  #isClosed = false;
  #latest: Progress | undefined;
  #frame: NodeJS.Timeout | undefined;

  constructor(terminal: Terminal, colour: boolean) {
    this.#terminal = terminal;
    this.#paint = colour ? inColour : plainly;
    terminal.write(HIDE_CURSOR);
  }

  prepare(what: string, done: number, total: number): void {
    this.#draw([what, `${progressBar(done / total, PREPARATION_WIDTH)} ${done} of ${total}`]);
  }

  show(progress: Progress): void {
    this.#latest = progress;
    this.#frame ??= setTimeout(() => this.#drawLatest(), FRAME);
  }

  finish(progress: Progress): void {
    this.#latest = progress;
    this.#drawLatest();
    const [verdict = "", ...rest] = describeReport(progress);
    const lines = [this.#paint(isComplete(progress) ? "good" : "bad", verdict), ...rest];
    this.#terminal.write(["", ...lines, ""].join("\n"));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#frame);
    this.#terminal.write(SHOW_CURSOR);
  }

  #drawLatest(): void {
    clearTimeout(this.#frame);
    this.#frame = undefined;
    if (this.#latest !== undefined) this.#draw(render(this.#latest, this.#paint));
  }

  /** Draws over what was drawn before. A frame higher than the terminal could not be reached again: it is cut. */
  #draw(lines: readonly string[]): void {
    const columns = this.#terminal.columns || DEFAULT_COLUMNS;
    const rows = this.#terminal.rows || DEFAULT_ROWS;
    const visible = lines.slice(0, Math.max(1, rows - 1)).map((line) => `${cutLine(line, columns)}${CLEAR_LINE}\n`);
    const back = this.#drawn > 0 ? `\x1b[${this.#drawn}A` : "";
    this.#terminal.write(`${back}\r${visible.join("")}${CLEAR_BELOW}`);
    this.#drawn = visible.length;
  }
}
