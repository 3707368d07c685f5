import { setImmediate } from "node:timers/promises";
import type { Finding } from "./finding.js";
import { explore } from "./simulation/exploration.js";
import { ENDINGS } from "./simulation/power.js";
import { simulate } from "./simulation/simulation.js";
import { Tally } from "./simulation/tally.js";
import type { Exploration, Replay, Watch } from "./watch.js";

/** Runs without a pause for signals. */
const BATCH = 20;

/** Tries all cuts in this process. */
export async function exploreOnNode(options: Exploration, { signal, onFinding, onProgress }: Watch): Promise<Tally> {
  const tally = new Tally(simulate(options).steps);
  for (const { cuts, ending, outcome, progress } of explore(options)) {
    tally.add(outcome);
    for (const { what } of outcome.violations) onFinding(finding(options, { cuts, ending }, what));
    if (tally.runs % BATCH > 0) continue;
    onProgress?.(progress);
    await setImmediate();
    signal?.throwIfAborted();
  }
  return tally;
}

/** Repeats one cut in this process. */
export function replayOnNode(replay: Replay, { onFinding, onTrace }: Watch): void {
  const { protocol, scenario, cuts, ending } = replay;
  const { violations } = simulate({ protocol, scenario, cuts, ending: ENDINGS[ending], ...(onTrace && { trace: onTrace }) });
  for (const { what } of violations) onFinding(finding(replay, replay, what));
}

function finding({ protocol, scenario }: Exploration | Replay, { cuts, ending }: Pick<Replay, "cuts" | "ending">, what: string): Finding {
  return { host: "node", protocol, scenario, cuts, ending, what };
}
