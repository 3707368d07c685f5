import { grouped } from "../../../hosts/start/format.js";
import type { Rows } from "../../size/table.js";
import type { Host } from "./options.js";
import { type Fault, FAULTS } from "./simulation/ledger.js";
import type { Protocol } from "./simulation/packets.js";
import { STEP_KINDS } from "./simulation/power.js";
import type { Tally } from "./simulation/tally.js";

/** What came of the cuts on one host with one version. */
export interface Explored {
  readonly host: Host;
  readonly protocol: Protocol;
  readonly tally: Tally;
  readonly seconds: number;
}

const HOSTS: Readonly<Record<Host, string>> = { node: "Node", xs: "XS" };
const PROTOCOLS: Readonly<Record<Protocol, string>> = { 4: "3.1.1", 5: "5.0" };
/** Runs in which something was wrong. */
const FAULT_ROWS: Readonly<Record<Fault, string>> = {
  lost: "runs that lost a message",
  duplicated: "runs with a QoS 2 message twice",
  "out of order": "runs with messages out of order",
  foreign: "runs with a message that nobody sent",
  resurrected: "runs that sent again what was acknowledged",
  other: "runs with anything else wrong",
};

/** "XS, MQTT 5.0". */
export function nameOf({ host, protocol }: { readonly host: Host; readonly protocol: Protocol }): string {
  return `${HOSTS[host]}, MQTT ${PROTOCOLS[protocol]}`;
}

/** A column for each host and version. */
export function exploredRows(all: readonly Explored[]): Rows {
  const row = (name: string, value: (explored: Explored) => number): (string | number)[] => [name, ...all.map(value)];
  return [
    ["", ...all.map(nameOf)],
    ...STEP_KINDS.map((kind) => row(`steps of the scenario: ${kind}`, ({ tally }) => tally.steps[kind])),
    row("times that the scenario was run", ({ tally }) => tally.runs),
    row("power cuts, each with a restart", ({ tally }) => tally.cuts),
    row("torn records dropped and reported", ({ tally }) => tally.reports),
    row("messages that arrived", ({ tally }) => tally.messages),
    ...FAULTS.map((fault) => row(FAULT_ROWS[fault], ({ tally }) => tally.faults[fault])),
    ["minutes", ...all.map(({ seconds }) => grouped(Math.round(seconds / 6) / 10))],
  ];
}
