import type { Output, Presenter } from "./presenter.js";
import type { Progress } from "./progress.js";
import { makeReport } from "./report.js";

/** Shows nothing but the report, as one line of JSON. */
export class JsonPresenter implements Presenter {
  readonly #output: Output;

  constructor(output: Output) {
    this.#output = output;
  }

  prepare(): void {
    // Programs do not care.
  }

  show(): void {
    // Only the end counts.
  }

  finish(progress: Progress): void {
    this.#output.write(`${JSON.stringify(makeReport(progress))}\n`);
  }

  close(): void {
    // There is nothing to restore.
  }
}
