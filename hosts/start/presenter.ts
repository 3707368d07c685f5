import type { RunEvent } from "./events.js";
import type { Progress } from "./progress.js";

/** How a run is shown. */
export interface Presenter {
  /** Something is being prepared; each text replaces the one before. */
  prepare(text: string): void;
  /** Something happened, which led to this progress. */
  show(progress: Progress, event: RunEvent): void;
  /** The run is over. */
  finish(progress: Progress): void;
  /** Nothing more will be shown. Harmless when called twice. */
  close(): void;
}

/** What presenters write to. */
export type Output = Pick<NodeJS.WritableStream, "write">;
