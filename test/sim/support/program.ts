import { fileURLToPath } from "node:url";

/** The path of a program of `test/sim/programs`. */
export function program(name: string): string {
  return fileURLToPath(new URL(`../programs/${name}.ts`, import.meta.url));
}
