import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Failure } from "../../../hosts/start/failure.js";
import { mosquittoAvailable } from "../../support/mosquitto-broker.js";
import { runCommand } from "../support/command.js";
import { HELP, parseOptions, type SoakOptions } from "./options.js";
import { ProgressLine } from "./progress.js";
import { describeResult, plotHeap } from "./report.js";
import { soak, type SoakResult } from "./soak.js";
import { faultsOf } from "./verdict.js";

const { stdout } = process;

await runCommand({ name: "soak", help: HELP, parse: parseOptions, run: start });

async function start(options: SoakOptions, signal: AbortSignal): Promise<boolean> {
  if (options.broker === "mosquitto" && !mosquittoAvailable())
    throw new Failure("mosquitto is not installed (apt-get install mosquitto)");
  const line = new ProgressLine(stdout, options.messages);
  try {
    const result = await soak(options, (progress) => line.show(progress), signal);
    return signal.aborted || finish(result, options.output);
  } finally {
    line.end();
  }
}

function finish(result: SoakResult, output: string): boolean {
  const faults = faultsOf(result);
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(output, plotHeap(result));
  const lines = [describeResult(result), `the heap is plotted in ${output}`, ...faults.map((fault) => `FAULT: ${fault}`)];
  stdout.write(`\n${lines.join("\n")}\n`);
  return faults.length === 0;
}
