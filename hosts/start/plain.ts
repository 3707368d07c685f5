import { counted, duration, grouped } from "./format.js";
import type { RunEvent } from "./events.js";
import type { Output, Presenter } from "./presenter.js";
import { describeRefusedReading, type Progress } from "./progress.js";
import { describeReport } from "./report.js";
import { describeSetting } from "./setting.js";

/** Shows a run as plain lines, without a single escape code: for pipes, files and logs. */
export class PlainPresenter implements Presenter {
  readonly #output: Output;
  #prepared = "";

  constructor(output: Output) {
    this.#output = output;
  }

  prepare(what: string): void {
    if (what !== this.#prepared) this.#line(what);
    this.#prepared = what;
  }

  show(progress: Progress, event: RunEvent): void {
    const line = describeEvent(progress, event);
    if (line !== undefined) this.#line(line);
  }

  finish(progress: Progress): void {
    for (const line of describeReport(progress)) this.#line(line);
  }

  close(): void {
    // Every line is out already.
  }

  #line(text: string): void {
    this.#output.write(`${text}\n`);
  }
}

/** The event in one line; undefined for events that others tell enough about. */
export function describeEvent(progress: Progress, event: RunEvent): string | undefined {
  switch (event.type) {
    case "connected":
      return `connected: ${describeSetting(progress)}`;
    case "disconnected":
      return `disconnected: ${event.message}; trying again`;
    case "delivered":
      return describeDelivery(progress, event.sequence, event.roundTrip);
    case "refused":
      return describeRefusedReading(event);
    case "corrupted":
      return `received ${event.reason}`;
    case "interval":
      return `interval changed to ${duration(event.milliseconds)}`;
    case "finished":
      return "finished";
    default:
      return undefined;
  }
}

function describeDelivery(progress: Progress, sequence: number, roundTrip: number): string {
  const { count, counters } = progress;
  const number = count === Infinity ? grouped(sequence) : `${grouped(sequence)}/${grouped(count)}`;
  const acknowledged = `reading ${number} acknowledged after ${duration(roundTrip)}`;
  if (counters === undefined) return acknowledged;
  return `${acknowledged}, heap ${counted(counters.slotsInUse, "slot")} and ${counted(counters.chunkBytesInUse, "byte")}`;
}
