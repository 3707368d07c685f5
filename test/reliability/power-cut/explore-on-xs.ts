import { fileURLToPath } from "node:url";
import { run } from "../../../hosts/sim/runner.js";
import { Tally } from "./simulation/tally.js";
import type { Exploration, Replay, Watch } from "./watch.js";

const PROGRAM = fileURLToPath(new URL("../../sim/programs/power-cut.ts", import.meta.url));
/** Plenty: device, broker and checker run in it, and garbage is collected seldom. */
const HEAP = 64 * 1024 * 1024;
const STACK = 4_096;
const VIOLATION = "violation:";

/** Tries all cuts on the XS engine. */
export async function exploreOnXs(exploration: Exploration, watch: Watch): Promise<Tally> {
  return runOnXs("explore", exploration, [exploration.stride, exploration.double ? 1 : 0], watch);
}

/** Repeats one cut on the XS engine. */
export async function replayOnXs(replay: Replay, watch: Watch): Promise<void> {
  await runOnXs("replay", replay, [replay.ending, ...replay.cuts], watch);
}

async function runOnXs(what: string, of: Exploration | Replay, numbers: readonly number[], watch: Watch): Promise<Tally> {
  const { protocol, scenario } = of;
  const { signal, onProgress, onFinding, onTrace } = watch;
  let tally: Tally | undefined;
  const report = await run(PROGRAM, {
    heap: HEAP,
    stack: STACK,
    arguments: [what, scenario, protocol, ...numbers].map(String),
    ...(signal && { signal }),
    ...(onTrace && { onTrace }),
    onReport: (name, numbers) => {
      if (name === "percent") onProgress?.(numbers[0] / 100);
      if (name === "tally") tally = Tally.of(numbers);
      if (!name.startsWith(VIOLATION)) return;
      const [ending, ...cuts] = numbers;
      onFinding({ host: "xs", protocol, scenario, cuts, ending, what: name.slice(VIOLATION.length).replaceAll("_", " ") });
    },
  });
  signal?.throwIfAborted();
  if (!tally) throw new Error(`the simulation ended on XS (${report.reason}): ${report.errors}`);
  return tally;
}
