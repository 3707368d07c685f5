import { ENDINGS } from "./power.js";
import { type Outcome, simulate, type SimulationOptions } from "./simulation.js";

/** Which cuts are tried, of which scenario. */
export interface ExplorationOptions extends Omit<SimulationOptions, "cuts" | "ending" | "trace"> {
  /** The power goes at every so manyth step; 1 for each. */
  readonly stride: number;
  /** Whether it goes a second time, at each of the first steps after the restart. Default false. */
  readonly double?: boolean;
}

/** One run of the scenario, and all that it takes to repeat it. */
export interface Run {
  /** As in `SimulationOptions`. */
  readonly cuts: readonly number[];
  /** The place in `ENDINGS`. */
  readonly ending: number;
  readonly outcome: Outcome;
  /** How far the exploration is, 0 to 1. */
  readonly progress: number;
}

/** Steps after a restart within which a second cut comes: until well after all that was under way has been sent again. */
export const SECOND_CUTS = 250;

/** Tries cuts at the steps that `options` choose, each in every way that differs. */
export function* explore(options: ExplorationOptions): Generator<Run, void> {
  const { totalSteps } = simulate(options);
  const run = (ending: number, ...cuts: readonly number[]): Run => {
    const outcome = simulate({ ...options, cuts, ending: ENDINGS[ending] });
    return { cuts, ending, outcome, progress: cuts[0] / totalSteps };
  };
  for (let step = 0; step <= totalSteps; step += options.stride) yield* options.double ? cutTwice(step, run) : cutOnce(step, run);
}

type RunOf = (ending: number, ...cuts: readonly number[]) => Run;

/** The last way differs only where something was on its way to the broker, which is known after the first. */
function* cutOnce(step: number, run: RunOf): Generator<Run, void> {
  const first = run(0, step);
  yield first;
  for (let ending = 1; ending < (first.outcome.wasUnderWay ? ENDINGS.length : 2); ending++) yield run(ending, step);
}

/** The ways take turns. */
function* cutTwice(step: number, run: RunOf): Generator<Run, void> {
  for (let second = 0; second < SECOND_CUTS; second++) yield run((step + second) % ENDINGS.length, step, second);
}
