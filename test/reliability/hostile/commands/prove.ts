import { Failure } from "../../../../hosts/start/failure.js";
import { duration } from "../../../../hosts/start/format.js";
import { plainTable } from "../../../size/table.js";
import { Random } from "../../../support/faulty-transport/random.js";
import { loadTarget } from "../coverage/target.js";
import { FAULTS, type PlantedFault } from "../fuzzing/faults.js";
import { Fuzzer } from "../fuzzing/fuzzer.js";
import type { FuzzOptions } from "../options.js";

/** Scripts between two looks at the clock. */
const TURN = 50;

/**
 * Puts each fault into a copy of the library, and fuzzes, without a corpus, until it is found.
 * @throws Failure when one is not.
 */
export async function prove({ seed, minutes, versions }: FuzzOptions, signal: AbortSignal): Promise<void> {
  const rows: (string | number)[][] = [];
  let missed = 0;
  for (const fault of FAULTS.filter(({ version }) => versions.includes(version))) {
    if (signal.aborted) break;
    const found = await look(fault, seed, minutes * 60_000, signal);
    if (found === undefined) missed++;
    rows.push([fault.what, fault.version, found?.executions ?? "–", found ? duration(found.milliseconds) : "not found"]);
  }
  process.stdout.write(`${plainTable([["fault", "client", "scripts", "found after"], ...rows])}\n`);
  if (missed > 0) throw new Failure(`${missed} of ${rows.length} faults were not found`);
}

async function look(
  fault: PlantedFault,
  seed: number,
  milliseconds: number,
  signal: AbortSignal,
): Promise<{ executions: number; milliseconds: number } | undefined> {
  const target = await loadTarget(fault);
  const begin = performance.now();
  const fuzzer = new Fuzzer(target, fault.version, new Random(seed));
  for (;;) {
    const taken = performance.now() - begin;
    if (fuzzer.failures.size > 0) return { executions: fuzzer.executions, milliseconds: taken };
    if (taken > milliseconds || signal.aborted) return undefined;
    fuzzer.run(TURN);
    await new Promise(setImmediate);
  }
}
