import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Failure } from "../../../hosts/start/failure.js";
import { Interruption } from "../../../hosts/start/interruption.js";
import { SimulatorError } from "../../../hosts/sim/runner.js";
import { mosquittoAvailable } from "../../support/mosquitto-broker.js";
import { HELP, parseOptions, type SoakOptions } from "./options.js";
import { ProgressLine } from "./progress.js";
import { describeResult, plotHeap } from "./report.js";
import { soak, type SoakResult } from "./soak.js";
import { faultsOf } from "./verdict.js";

const { argv, stderr, stdout } = process;

process.exit(await main());

async function main(): Promise<number> {
  try {
    const options = parseOptions(argv.slice(2));
    if (options !== "help") return await start(options);
    stdout.write(HELP);
    return 0;
  } catch (error) {
    if (!(error instanceof Failure || error instanceof SimulatorError)) throw error;
    stderr.write(`soak: ${error.message}\n`);
    return 1;
  }
}

async function start(options: SoakOptions): Promise<number> {
  if (options.broker === "mosquitto" && !mosquittoAvailable())
    throw new Failure("mosquitto is not installed (apt-get install mosquitto)");
  const interruption = new Interruption((status) => process.exit(status));
  const line = new ProgressLine(stdout, options.messages);
  try {
    const result = await soak(options, (progress) => line.show(progress), interruption.signal);
    return interruption.exitStatus ?? finish(result, options.output);
  } catch (error) {
    if (interruption.exitStatus !== undefined) return interruption.exitStatus; // Ctrl-C in a terminal ends the broker, too
    throw error;
  } finally {
    line.end();
  }
}

function finish(result: SoakResult, output: string): number {
  const faults = faultsOf(result);
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(output, plotHeap(result));
  const lines = [describeResult(result), `the heap is plotted in ${output}`, ...faults.map((fault) => `FAULT: ${fault}`)];
  stdout.write(`\n${lines.join("\n")}\n`);
  return Number(faults.length > 0);
}
