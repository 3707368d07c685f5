import type { RunEvent } from "./events.js";
import type { Progress } from "./progress.js";

/** How a run is shown. */
export interface Presenter {
  /** Something is being prepared, and `done` of `total` steps are. */
  prepare(what: string, done: number, total: number): void;
  /** Something happened, which led to this progress. */
  show(progress: Progress, event: RunEvent): void;
  /** The run is over. */
  finish(progress: Progress): void;
  /** Nothing more will be shown. Harmless when called twice. */
  close(): void;
}

/** What presenters write to. */
export type Output = Pick<NodeJS.WritableStream, "write">;
