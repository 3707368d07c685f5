import { fileURLToPath } from "node:url";
import { run } from "../../../hosts/sim/runner.js";
import type { ExplorationOptions } from "./simulation/exploration.js";
import type { Protocol } from "./simulation/packets.js";
import { Tally } from "./simulation/tally.js";
import type { Replay, Watch } from "./watch.js";

const PROGRAM = fileURLToPath(new URL("../../sim/programs/power-cut.ts", import.meta.url));
/** Plenty: device, broker and checker run in it, and garbage is collected seldom. */
const HEAP = 64 * 1024 * 1024;
const STACK = 4_096;
const VIOLATION = "violation:";

/** Tries all cuts on the XS engine. */
export async function exploreOnXs({ protocol, stride, double }: ExplorationOptions, watch: Watch): Promise<Tally> {
  return runOnXs(["explore", protocol, stride, double ? 1 : 0], protocol, watch);
}

/** Repeats one cut on the XS engine. */
export async function replayOnXs({ protocol, cuts, ending }: Replay, watch: Watch): Promise<void> {
  await runOnXs(["replay", protocol, ending, ...cuts], protocol, watch);
}

async function runOnXs(args: readonly (string | number)[], protocol: Protocol, watch: Watch): Promise<Tally> {
  const { signal, onProgress, onFinding, onTrace } = watch;
  let tally: Tally | undefined;
  const report = await run(PROGRAM, {
    heap: HEAP,
    stack: STACK,
    arguments: args.map(String),
    ...(signal && { signal }),
    ...(onTrace && { onTrace }),
    onReport: (name, numbers) => {
      if (name === "percent") onProgress?.(numbers[0] / 100);
      if (name === "tally") tally = Tally.of(numbers);
      if (!name.startsWith(VIOLATION)) return;
      const [ending, ...cuts] = numbers;
      onFinding({ host: "xs", protocol, cuts, ending, what: name.slice(VIOLATION.length).replaceAll("_", " ") });
    },
  });
  signal?.throwIfAborted();
  if (!tally) throw new Error(`the simulation ended on XS (${report.reason}): ${report.errors}`);
  return tally;
}
