import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Failure } from "../../../hosts/start/failure.js";
import { Interruption } from "../../../hosts/start/interruption.js";
import { mosquittoAvailable } from "../../support/mosquitto-broker.js";
import { HELP, parseOptions, type SoakOptions } from "./options.js";
import { ProgressLine } from "./progress.js";
import { describeResult, plotHeap } from "./report.js";
import { soak } from "./soak.js";
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
    if (!(error instanceof Failure)) throw error;
    stderr.write(`soak: ${error.message}\n`);
    return error.exitStatus;
  }
}

async function start(options: SoakOptions): Promise<number> {
  if (options.broker === "mosquitto" && !mosquittoAvailable())
    throw new Failure("mosquitto is not installed (apt-get install mosquitto)");
  const interruption = new Interruption((status) => process.exit(status));
  const line = new ProgressLine(stdout, options.messages);
  const result = await soak(options, (progress) => line.show(progress), interruption.signal);
  line.clear();
  const faults = faultsOf(result);
  mkdirSync(dirname(options.output), { recursive: true });
  writeFileSync(options.output, plotHeap(result));
  const lines = [describeResult(result), `the heap is plotted in ${options.output}`, ...faults.map((fault) => `FAULT: ${fault}`)];
  stdout.write(`${lines.join("\n")}\n`);
  return interruption.exitStatus ?? Number(faults.length > 0);
}
