/** What `fc.assert` takes of the environment. */
export interface RunParameters {
  readonly numRuns: number;
  readonly seed?: number;
  readonly path?: string;
}

/**
 * How often a property is tried: `FUZZ_RUNS` times, or as often as fits the time of an ordinary test run.
 *
 * A failure prints its seed and path. `FUZZ_SEED=… FUZZ_PATH=… npx vitest run test/fuzz -t "…"` repeats it.
 */
export function runs(usual: number): RunParameters {
  const seed = process.env["FUZZ_SEED"];
  const path = process.env["FUZZ_PATH"];
  return {
    numRuns: numberFrom("FUZZ_RUNS") ?? usual,
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(path === undefined ? {} : { path }),
  };
}

/** Milliseconds that a test may take: many runs were asked for on purpose. */
export const FUZZ_TIMEOUT = 3_600_000;

function numberFrom(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name}: expected a whole number from 1, not "${text}"`);
  return value;
}
