import type { Host } from "./options.js";
import type { Protocol } from "./simulation/packets.js";
import type { ScenarioName } from "./simulation/scenario.js";

/** A violation, and how to see it again. */
export interface Finding {
  readonly host: Host;
  readonly protocol: Protocol;
  readonly scenario: ScenarioName;
  readonly cuts: readonly number[];
  readonly ending: number;
  readonly what: string;
}

/** The command that shows how it came about. */
export function replayCommand({ host, protocol, scenario, cuts, ending }: Omit<Finding, "what">): string {
  const where = `--host ${host} --protocol ${protocol}${scenario === "tight" ? " --tight" : ""}`;
  return `npm run powercut -- ${where} --step ${cuts.join()} --ending ${ending} --trace`;
}
