import { fileURLToPath } from "node:url";
import { run, type RunReport } from "../../../hosts/sim/runner.js";
import { encodeScript, type Script } from "./play/script.js";

const PROGRAM = fileURLToPath(new URL("./programs/replay.ts", import.meta.url));

/** What came of a script on the engine of the device. */
export interface Played {
  /** The most units of the meter that one call took, those not counted that its bytes may take. */
  readonly units: number;
  /** The most slots of stack that the client took for one call. */
  readonly stack: number;
  /** By how many bytes the client grew again and again; garbage does not count. */
  readonly growth: number;
  /** Whether the client broke the contract of its transport. */
  readonly isBroken: boolean;
}

/** Plays scripts on XS, again and again to one client each, in a heap of 64 kB. */
export async function playOnDevice(
  version: "3" | "5",
  scripts: readonly Script[],
): Promise<RunReport & { readonly played: readonly Played[] }> {
  const played: Played[] = [];
  const digits = scripts.map((script) => Buffer.from(encodeScript(script)).toString("hex"));
  const report = await run(PROGRAM, {
    arguments: [version, ...digits],
    timeout: 120_000,
    stack: 1_024,
    onReport: (_name, [units, stack, growth, isBroken]) => void played.push({ units, stack, growth, isBroken: isBroken > 0 }),
  });
  return { ...report, played };
}
