/** What a device does that a loss of power may come in the midst of. */
export const STEP_KINDS = ["store bytes", "erasing", "socket writes"] as const;
export type StepKind = (typeof STEP_KINDS)[number];

/** How what was under way ends when the power goes. */
export interface Ending {
  /** How much leaves of what was written to the socket and is still on the way, 0 to 1. */
  readonly leaves: number;
  /** Whether the byte being written, or the bytes being erased, are left in between. */
  readonly torn: boolean;
}

/** The ways in which each cut is tried. */
export const ENDINGS: readonly Ending[] = Object.freeze([
  { leaves: 1, torn: false },
  { leaves: 0, torn: true },
  { leaves: 0.5, torn: false },
]);

/** What a flash throws when the power is gone. */
export class PowerCut extends Error {
  constructor() {
    super("the power is gone");
  }
}

/** The power of a device, which goes at chosen steps, and comes back when it is told to. */
export class Power {
  isOn = true;
  /** Steps so far, by their kind. */
  readonly steps: Record<StepKind, number> = { "store bytes": 0, erasing: 0, "socket writes": 0 };
  /** How often it has gone. */
  cutCount = 0;
  private left: number;

  /** @param cuts how many steps happen before the power goes: since the beginning, then since each time that it came back. */
  constructor(
    private readonly cuts: readonly number[],
    readonly ending: Ending,
  ) {
    this.left = cuts[0] ?? Infinity;
  }

  /** All steps so far. */
  get total(): number {
    return STEP_KINDS.reduce((sum, kind) => sum + this.steps[kind], 0);
  }

  /** Takes steps. Returns how many of them happen: fewer when the power goes in between, none when it is gone. */
  take(kind: StepKind, count: number): number {
    if (!this.isOn) return 0;
    const happening = Math.min(count, this.left);
    this.left -= happening;
    this.steps[kind] += happening;
    if (happening < count) {
      this.isOn = false;
      this.cutCount++;
    }
    return happening;
  }

  /** The power is back. */
  restore(): void {
    this.isOn = true;
    this.left = this.cuts[this.cutCount] ?? Infinity;
  }
}
