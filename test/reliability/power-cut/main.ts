import { Failure } from "../../../hosts/start/failure.js";
import { plainTable } from "../../size/table.js";
import { mosquittoAvailable } from "../../support/mosquitto-broker.js";
import { runCommand } from "../support/command.js";
import { type BrokerResult, brokerRows } from "./broker/report.js";
import { runWithBroker } from "./broker/run.js";
import { exploreOnNode, replayOnNode } from "./explore-on-node.js";
import { exploreOnXs, replayOnXs } from "./explore-on-xs.js";
import { type Finding, replayCommand } from "./finding.js";
import { HELP, parseOptions, type PowerCutOptions } from "./options.js";
import { Progress } from "./progress.js";
import { type Explored, exploredRows, nameOf } from "./report.js";
import type { Watch } from "./watch.js";
import { WEAR_HEADING, wearRows } from "./wear/report.js";

/** Violations that are printed. */
const SHOWN = 10;

const NOTHING = "Nothing was lost, duplicated, out of order, or foreign.";

const print = (text: string): boolean => process.stdout.write(`${text}\n`);

await runCommand({ name: "powercut", help: HELP, parse: parseOptions, run: start });

async function start(options: PowerCutOptions, signal: AbortSignal): Promise<boolean> {
  if (options.does === "replay") return replay(options, signal);
  if (options.does === "explore") return exploreAll(options, signal);
  if (options.does === "broker") return runAll(options, signal);
  print(`${WEAR_HEADING}\n\n${plainTable(wearRows())}`);
  return true;
}

async function exploreAll(options: PowerCutOptions, signal: AbortSignal): Promise<boolean> {
  const { hosts, protocols, scenario, stride, double } = options;
  const all: Explored[] = [];
  const findings: Finding[] = [];
  for (const host of hosts) {
    for (const protocol of protocols) {
      const progress = new Progress(nameOf({ host, protocol }));
      const watch: Watch = { signal, onFinding: (each) => findings.push(each), onProgress: (share) => progress.show(share) };
      const explore = host === "node" ? exploreOnNode : exploreOnXs;
      const tally = await explore({ protocol, scenario, stride, double }, watch).finally(() => progress.clear());
      all.push({ host, protocol, tally, seconds: progress.seconds });
    }
  }
  print(plainTable(exploredRows(all)));
  print(`\n${summary(findings)}`);
  return findings.length === 0;
}

async function runAll({ hosts, protocols, kills, seed }: PowerCutOptions, signal: AbortSignal): Promise<boolean> {
  if (!mosquittoAvailable()) throw new Failure("--broker needs mosquitto, which is not installed (apt-get install mosquitto)");
  const all: BrokerResult[] = [];
  for (const host of hosts) {
    for (const protocol of protocols) {
      const progress = new Progress(nameOf({ host, protocol }));
      const options = { host, protocol, kills, seed, signal, onProgress: (share: number) => progress.show(share) };
      const outcome = await runWithBroker(options).finally(() => progress.clear());
      all.push({ host, protocol, outcome, seconds: progress.seconds });
    }
  }
  const violations = all.flatMap(({ outcome }) => outcome.violations);
  print(plainTable(brokerRows(all)));
  print(violations.length === 0 ? `\n${NOTHING}` : `\n${violations.map(({ what }) => what).join("\n")}`);
  return violations.length === 0;
}

async function replay({ hosts, protocols, scenario, cuts, ending, trace }: PowerCutOptions, signal: AbortSignal): Promise<boolean> {
  const findings: Finding[] = [];
  const watch: Watch = { signal, onFinding: (each) => findings.push(each), ...(trace && { onTrace: print }) };
  for (const host of hosts) {
    for (const protocol of protocols) {
      print(`${nameOf({ host, protocol })}, cut after ${cuts.join(" steps, then after ")} steps, ending ${ending}`);
      if (host === "node") replayOnNode({ protocol, scenario, cuts, ending }, watch);
      else await replayOnXs({ protocol, scenario, cuts, ending }, watch);
    }
  }
  print(summary(findings));
  return findings.length === 0;
}

function summary(findings: readonly Finding[]): string {
  if (findings.length === 0) return NOTHING;
  const lines = findings.slice(0, SHOWN).map((each) => `${nameOf(each)}: ${each.what}\n  ${replayCommand(each)}`);
  const more = findings.length > SHOWN ? [`and ${findings.length - SHOWN} more`] : [];
  return [`${findings.length} violations:`, ...lines, ...more].join("\n");
}
