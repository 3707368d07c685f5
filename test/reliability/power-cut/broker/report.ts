import { grouped } from "../../../../hosts/start/format.js";
import type { Rows } from "../../../size/table.js";
import type { Host } from "../options.js";
import { nameOf } from "../report.js";
import type { Protocol } from "../simulation/packets.js";
import type { BrokerOutcome } from "./run.js";

/** What came of the kills on one host with one version. */
export interface BrokerResult {
  readonly host: Host;
  readonly protocol: Protocol;
  readonly outcome: BrokerOutcome;
  readonly seconds: number;
}

/** A column for each host and version. */
export function brokerRows(all: readonly BrokerResult[]): Rows {
  const row = (name: string, value: (outcome: BrokerOutcome) => number): (string | number)[] => {
    return [name, ...all.map(({ outcome }) => value(outcome))];
  };
  return [
    ["", ...all.map(nameOf)],
    row("times that the device was killed", ({ kills }) => kills),
    row("torn records dropped and reported", ({ torn }) => torn),
    row("messages that arrived from the device", ({ fromDevice }) => fromDevice),
    row("messages that arrived at the device", ({ toDevice }) => toDevice),
    row("QoS 2 messages that mosquitto sent again after their PUBREC", ({ repetitions }) => repetitions),
    row("violations", ({ violations }) => violations.length),
    ["minutes", ...all.map(({ seconds }) => grouped(Math.round(seconds / 6) / 10))],
  ];
}
