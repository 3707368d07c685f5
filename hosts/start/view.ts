import { counted, duration, grouped } from "./format.js";
import type { Paint } from "./paint.js";
import type { Progress } from "./progress.js";
import { makeReport } from "./report.js";
import { describeSetting } from "./setting.js";
import { progressBar, sparkline } from "./sparkline.js";

const LABEL_WIDTH = 15;
const VALUE_WIDTH = 13;
const CHART_WIDTH = 28;

/** What the heap's sparklines show as a full height at least, in slots and in bytes: less than that is flat. */
const LEAST_SLOTS = 64;
const LEAST_BYTES = 1_024;

/** The live view of a run, at most 80 columns wide. */
export function render(progress: Progress, paint: Paint): string[] {
  return [
    `${paint("bold", "mqtt-xs telemetry")}  ${paint("dim", describeSetting(progress))}`,
    "",
    ...sensors(progress, paint),
    "",
    ...messages(progress, paint),
    "",
    ...memory(progress, paint),
    "",
    status(progress, paint),
  ];
}

function sensors({ temperatures, humidities, batteries }: Progress, paint: Paint): string[] {
  return [
    row(paint, "temperature", latest(temperatures, (value) => `${value.toFixed(2)} °C`), sparkline(temperatures, CHART_WIDTH)),
    row(paint, "humidity", latest(humidities, (value) => `${value.toFixed(1)} %`), sparkline(humidities, CHART_WIDTH)),
    row(paint, "battery", latest(batteries, (value) => `${value.toFixed(3)} V`), sparkline(batteries, CHART_WIDTH, 0.2)),
  ];
}

function messages(progress: Progress, paint: Paint): string[] {
  const { count, published, acknowledged, received, roundTrips, longestRoundTrip } = progress;
  const longest = roundTrips.length > 0 ? `  longest ${duration(longestRoundTrip)}` : "";
  return [
    row(paint, "published", grouped(published), tally(progress, published, `of ${grouped(count)}`)),
    row(paint, "acknowledged", grouped(acknowledged), tally(progress, acknowledged)),
    row(paint, "received", grouped(received), tally(progress, received, "by MQTT.js")),
    row(paint, "round trip", latest(roundTrips, duration), sparkline(roundTrips, CHART_WIDTH, 8) + longest),
  ];
}

function tally({ count }: Progress, value: number, note = ""): string {
  return count === Infinity ? "" : `${progressBar(value / count, CHART_WIDTH)}  ${note}`;
}

function memory(progress: Progress, paint: Paint): string[] {
  const { slotsInUse, chunkBytesInUse } = progress;
  if (progress.heapBytes === null) return [row(paint, "heap", "not counted on Node.js", "")];
  const { slotsPerMessage: slots, chunkBytesPerMessage: bytes, collections } = makeReport(progress);
  return [
    row(paint, "heap", latest(slotsInUse, (value) => counted(value, "slot")), sparkline(slotsInUse, CHART_WIDTH, LEAST_SLOTS)),
    row(paint, "", latest(chunkBytesInUse, (value) => counted(value, "byte")), sparkline(chunkBytesInUse, CHART_WIDTH, LEAST_BYTES)),
    row(paint, "per message", slots === null ? "" : counted(slots, "slot"), bytes === null ? "" : counted(bytes, "byte")),
    row(paint, "collections", collections === null ? "" : grouped(collections), ""),
  ];
}

function status({ connection, problem }: Progress, paint: Paint): string {
  switch (connection) {
    case "starting":
      return paint("dim", "connecting");
    case "connected":
      return problem === undefined ? `${paint("good", "connected")}${paint("dim", ", Ctrl-C ends it")}` : paint("bad", problem);
    case "disconnected":
      return paint("bad", `${problem ?? "disconnected"}; trying again`);
    case "finished":
      return paint("dim", "finished");
  }
}

function row(paint: Paint, label: string, value: string, chart: string): string {
  return `  ${paint("dim", label.padEnd(LABEL_WIDTH))}${value.padEnd(VALUE_WIDTH)}  ${chart}`.trimEnd();
}

function latest(values: readonly number[], format: (value: number) => string): string {
  const value = values.at(-1);
  return value === undefined ? "" : format(value);
}
