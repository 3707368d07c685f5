import { fileURLToPath } from "node:url";
import { runSession, type SessionOptions } from "../sim/support/session.js";

export type { SessionOptions };

/** What a program told, by name. */
export type Reports = ReadonlyMap<string, readonly number[]>;

/** Room for the samples that programs take; what is measured does not depend on it. */
const HEAP = 1_048_576;

/** The path of a program of `test/size/programs`. */
export function pathOf(program: string): string {
  return fileURLToPath(new URL(`./programs/${program}.ts`, import.meta.url));
}

/** Runs a program of `test/size/programs` to its end. */
export async function report(program: string, options?: SessionOptions): Promise<Reports> {
  const { reason, errors, reports } = await runSession(pathOf(program), { heap: HEAP, ...options });
  if (reason !== "finished") throw new Error(`${program}: ${reason}\n${errors}`);
  return reports;
}

/** The numbers that a program told under a name. */
export function numbersOf(reports: Reports, name: string): readonly number[] {
  const numbers = reports.get(name);
  if (!numbers) throw new Error(`nothing was measured for ${name}`);
  return numbers;
}
