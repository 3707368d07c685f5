import { Failure } from "../../../hosts/start/failure.js";
import { grouped } from "../../../hosts/start/format.js";
import { mosquittoAvailable } from "../../support/mosquitto-broker.js";
import { runCommand } from "../support/command.js";
import type { BrokerName } from "./brokers.js";
import { type FaultsOptions, HELP, parseOptions } from "./options.js";
import { describeFailed, describeTallies, describeVerdict } from "./report.js";
import { run } from "./run.js";
import { Tally } from "./tally.js";
import { printingTrace } from "./trace.js";

const { stdout } = process;

const print = (text: string): boolean => stdout.write(`${text}\n`);

await runCommand({ name: "faults", help: HELP, parse: parseOptions, run: start });

async function start(options: FaultsOptions, signal: AbortSignal): Promise<boolean> {
  if (options.brokers.includes("mosquitto") && !mosquittoAvailable())
    throw new Failure("mosquitto is not installed (apt-get install mosquitto); --broker aedes does without");
  const tallies: Tally[] = [];
  for (const broker of options.brokers) {
    const tally = new Tally(broker);
    tallies.push(tally);
    await runWith(broker, options, tally, signal);
    if (signal.aborted) break;
  }
  print(`${describeTallies(tallies)}\n`);
  print(`${signal.aborted ? "Interrupted. " : ""}${describeVerdict(tallies)}`);
  return tallies.every(({ failed }) => failed.length === 0);
}

async function runWith(broker: BrokerName, { seeds, trace }: FaultsOptions, tally: Tally, signal: AbortSignal): Promise<void> {
  const start = performance.now();
  const restarts = await run({
    broker,
    seeds,
    signal,
    trace: trace ? printingTrace(print) : undefined,
    onOutcome: (outcome) => {
      tally.add(outcome);
      clearProgress();
      const failed = tally.failed.at(-1);
      if (failed?.seed === outcome.seed) print(describeFailed(failed));
      showProgress(`${broker}: ${grouped(tally.schedules)} of ${grouped(seeds.length)} schedules`);
    },
  });
  clearProgress();
  tally.restarts = restarts;
  tally.seconds = (performance.now() - start) / 1_000;
}

function showProgress(text: string): void {
  if (stdout.isTTY) stdout.write(text);
}

function clearProgress(): void {
  if (stdout.isTTY) stdout.write("\r\x1b[K");
}
