import { counted, grouped } from "../../../hosts/start/format.js";
import { plainTable, type Rows } from "../../size/table.js";
import type { Fault } from "../../support/faulty-transport/connection-faults.js";
import type { Wrong } from "../support/violation.js";
import type { FailedSchedule, Tally } from "./tally.js";

/** What the table calls the faults that end a connection, or keep one from coming about. */
const BREAKS: Readonly<Partial<Record<Fault, string>>> = {
  refused: "  refused",
  "host not found": "  host not found",
  unanswered: "  never answered",
  reset: "  reset",
  "half-close": "  half closed",
  loss: "  written bytes lost",
  silence: "  silent for ever",
};
const DISTURBANCES: Readonly<Partial<Record<Fault, string>>> = {
  delay: "delays",
  stall: "stalls",
  split: "splits",
  merge: "merges",
  "no room": "no room to write",
};
const WRONGS = ["lost", "duplicated", "out of order"] as const satisfies readonly Wrong[];

const MOST_DETAILS = 5;

/** The figures of a run, in a table with a column for each broker. */
export function describeTallies(tallies: readonly Tally[]): string {
  const row = (name: string, value: (tally: Tally) => number): (string | number)[] => [name, ...tallies.map(value)];
  const faultRows = (names: Readonly<Partial<Record<Fault, string>>>): Rows =>
    Object.entries(names).map(([fault, name]) => row(name, (it) => it.faults(fault as Fault)));
  return plainTable([
    ["", ...tallies.map(({ broker }) => broker)],
    row("schedules", (it) => it.schedules),
    row("restarts of the broker", (it) => it.restarts),
    row("connections of the devices", (it) => it.connections),
    ...faultRows(BREAKS),
    ...faultRows(DISTURBANCES),
    ...[0, 1, 2].map((qos) => row(`messages of QoS ${qos}`, (it) => it.messages(qos))),
    ...WRONGS.map((what) => row(what, (it) => it.wrong(what))),
    row("otherwise wrong", (it) => it.wrongBeside(WRONGS)),
    row("seconds", (it) => Math.round(it.seconds)),
  ]);
}

/** What went wrong in a schedule, and the command that plays it again. */
export function describeFailed({ seed, broker, violations }: FailedSchedule): string {
  const lines = violations.slice(0, MOST_DETAILS).map(({ what, detail }) => `  ${what}: ${detail}`);
  const left = violations.length - lines.length;
  if (left > 0) lines.push(`  and ${counted(left, "more violation")}`);
  return [`seed ${seed} with ${broker}:`, ...lines, `  npm run faults -- --broker ${broker} --seed ${seed} --trace`].join("\n");
}

/** The verdict, in a sentence. */
export function describeVerdict(tallies: readonly Tally[]): string {
  const schedules = tallies.reduce((sum, it) => sum + it.schedules, 0);
  const failed = tallies.reduce((sum, it) => sum + it.failed.length, 0);
  if (failed > 0) return `${counted(failed, "schedule")} of ${grouped(schedules)} went wrong.`;
  return `Nothing was lost, duplicated or out of order in ${counted(schedules, "schedule")}.`;
}
