import { counted, grouped } from "../../../hosts/start/format.js";
import { progressBar } from "../../../hosts/start/sparkline.js";
import type { SoakProgress } from "./soak.js";

const WIDTH = 40;

const CLEAR_LINE = "\r\x1b[K";

/** How far a soak has come, in one line of a terminal that is written over; elsewhere a line for every tenth part. */
export class ProgressLine {
  readonly #output: NodeJS.WriteStream;
  readonly #messages: number;
  #shown = -1;

  constructor(output: NodeJS.WriteStream, messages: number) {
    this.#output = output;
    this.#messages = messages;
  }

  /** Shows it, unless it looks the same as before. */
  show({ arrived, restarts }: SoakProgress): void {
    const percent = Math.floor((100 * arrived) / this.#messages);
    if (percent === this.#shown) return;
    this.#shown = percent;
    const text = `${grouped(arrived)} of ${grouped(this.#messages)} arrived, ${counted(restarts, "restart")}`;
    if (this.#output.isTTY) this.#output.write(`${CLEAR_LINE}${progressBar(percent / 100, WIDTH)} ${text}`);
    else if (percent % 10 === 0) this.#output.write(`${text}\n`);
  }

  /** Leaves the line. */
  end(): void {
    if (this.#output.isTTY) this.#output.write("\n");
  }
}
