import type { Finding } from "./finding.js";
import type { Protocol } from "./simulation/packets.js";
import type { ScenarioName } from "./simulation/scenario.js";

/** One cut that is to be repeated. */
export interface Replay {
  readonly protocol: Protocol;
  readonly scenario: ScenarioName;
  readonly cuts: readonly number[];
  readonly ending: number;
}

/** The cuts that are to be tried. */
export interface Exploration {
  readonly protocol: Protocol;
  readonly scenario: ScenarioName;
  readonly stride: number;
  readonly double: boolean;
}

/** What is wanted of what goes on. */
export interface Watch {
  readonly onFinding: (finding: Finding) => void;
  /** Called now and then with how far it is, 0 to 1. */
  readonly onProgress?: (progress: number) => void;
  /** Gets a line for everything that happens in a replay. */
  readonly onTrace?: (line: string) => void;
  /** Ends it; the promise is then rejected. */
  readonly signal?: AbortSignal;
}
