import type { Host } from "./options.js";
import type { Protocol } from "./simulation/packets.js";

/** A violation, and how to see it again. */
export interface Finding {
  readonly host: Host;
  readonly protocol: Protocol;
  readonly cuts: readonly number[];
  readonly ending: number;
  readonly what: string;
}

/** The command that shows how it came about. */
export function replayCommand({ host, protocol, cuts, ending }: Omit<Finding, "what">): string {
  return `npm run powercut -- --host ${host} --protocol ${protocol} --step ${cuts.join()} --ending ${ending} --trace`;
}
