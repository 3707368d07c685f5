import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Failure } from "../../../hosts/start/failure.js";
import { plainTable } from "../../size/table.js";
import { runCommand } from "../support/command.js";
import { HELP, parseOptions, type StormOptions } from "./options.js";
import { svg } from "./plot.js";
import { BACKOFF, POLICIES } from "./policies.js";
import { comparison, describe, type Outcome, plotOf } from "./report.js";
import { simulate } from "./simulation.js";

const { stdout } = process;

await runCommand({ name: "storm", help: HELP, parse: parseOptions, run: compare });

/** Compares, prints, plots; fails when the client's own devices are not all back in the end. */
function compare(options: StormOptions): boolean {
  stdout.write(`${describe(options)}\n\n`);
  const outcomes = POLICIES.map((policy): Outcome => {
    showProgress(`retries: ${policy.name} …`);
    return { name: policy.name, course: simulate(options, policy) };
  });
  showProgress("");
  stdout.write(`${plainTable(comparison(outcomes))}\n\n`);
  save(options.output, svg(plotOf(options, outcomes)));
  const own = outcomes[POLICIES.indexOf(BACKOFF)].course;
  if (!own.isOver) throw new Failure("not all devices of the client's own policy are connected again");
  return true;
}

function save(path: string, content: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  } catch (error) {
    throw new Failure(`--output: ${error instanceof Error ? error.message : String(error)}`);
  }
  stdout.write(`The plot is in ${path}.\n`);
}

function showProgress(line: string): void {
  if (stdout.isTTY) stdout.write(`\r${line}\x1b[K`);
}
