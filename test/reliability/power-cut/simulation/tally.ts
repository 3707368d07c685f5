import { FAULTS, type Fault } from "./ledger.js";
import { STEP_KINDS, type StepKind } from "./power.js";
import type { Outcome } from "./simulation.js";

type Steps = Readonly<Record<StepKind, number>>;

/** What many runs of the scenario have come to. */
export class Tally {
  runs = 0;
  /** How often the power went, and came back. */
  cuts = 0;
  /** Messages that arrived, in both directions. */
  messages = 0;
  /** Torn records that the store has told of. */
  reports = 0;
  /** Runs with a fault of the kind. */
  readonly faults: Record<Fault, number> = recordOf(FAULTS);

  /** @param steps those of the scenario without a cut. */
  constructor(readonly steps: Steps = recordOf(STEP_KINDS)) {}

  /** The tally that `numbers` of another one tell. */
  static of(numbers: readonly number[]): Tally {
    const tally = new Tally(recordOf(STEP_KINDS, numbers.slice(4)));
    [tally.runs, tally.cuts, tally.messages, tally.reports] = numbers;
    Object.assign(tally.faults, recordOf(FAULTS, numbers.slice(4 + STEP_KINDS.length)));
    return tally;
  }

  /** All of it as numbers, which is what the XS host can report. */
  get numbers(): number[] {
    const { runs, cuts, messages, reports, steps, faults } = this;
    return [runs, cuts, messages, reports, ...STEP_KINDS.map((kind) => steps[kind]), ...FAULTS.map((fault) => faults[fault])];
  }

  /** How many faults there were, of all kinds. */
  get faultCount(): number {
    return FAULTS.reduce((sum, fault) => sum + this.faults[fault], 0);
  }

  /** Adds a run. */
  add({ cuts, messages, reports, violations }: Outcome): void {
    this.runs++;
    this.cuts += cuts;
    this.messages += messages;
    this.reports += reports;
    for (const fault of new Set(violations.map((each) => each.fault))) this.faults[fault]++;
  }
}

function recordOf<Name extends string>(names: readonly Name[], values: readonly number[] = []): Record<Name, number> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? 0])) as Record<Name, number>;
}
