import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll } from "vitest";
import { buildHost, run, type RunOptions, type RunReport } from "../../../hosts/sim/runner.js";

/** Milliseconds after which a program hangs. */
const TIMEOUT = 40_000;

/** Builds the host before the tests of a file, which takes its time when it is the first. */
export function useHost(): void {
  beforeAll(() => buildHost(), 120_000);
}

/** Modules by file name; `main.ts` is the entry, what it imports is preloaded. */
export type Sources = Readonly<Record<string, string>>;

/** Runs TypeScript that is given as text. */
export async function runSource(sources: string | Sources, options: RunOptions = {}): Promise<RunReport> {
  const files = typeof sources === "string" ? { "main.ts": sources } : sources;
  const folder = await mkdtemp(join(tmpdir(), "mqtt-xs-test-"));
  try {
    for (const [name, source] of Object.entries(files)) await writeFile(join(folder, name), source);
    return await run(join(folder, "main.ts"), { timeout: TIMEOUT, ...options });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What a program gave `sim.report`, by name; the last one counts. */
export class Reports {
  readonly #numbers = new Map<string, number[]>();

  readonly take = (name: string, numbers: number[]): void => void this.#numbers.set(name, numbers);

  get(name: string): readonly number[] {
    const numbers = this.#numbers.get(name);
    if (numbers === undefined) throw new Error(`the program has not reported ${name}`);
    return numbers;
  }
}
