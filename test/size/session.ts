import { fileURLToPath } from "node:url";
import { run, type RunOptions } from "../../hosts/sim/runner.js";
import { acknowledge, type Answer, Peer } from "../sim/support/peer.js";

/** What a program told with `sim.report`, by name. */
export type Reports = ReadonlyMap<string, readonly number[]>;

export interface SessionOptions extends RunOptions {
  /** How the peer answers. Default: as a server that takes everything. */
  readonly answer?: Answer;
  /** Called with each report of the program, which may make the peer send something. */
  readonly onReport?: (name: string, numbers: number[], peer: Peer) => void;
}

/** Room for the samples that programs take. */
const HEAP = 1_048_576;

/** Runs a program of `programs/` against a peer, whose port is its first argument. */
export async function runSession(program: string, options: SessionOptions = {}): Promise<Reports> {
  const { answer = acknowledge, onReport, ...rest } = options;
  const reports = new Map<string, readonly number[]>();
  const peer = await Peer.listen(answer);
  try {
    const { reason, errors } = await run(pathOf(program), {
      timeout: 60_000,
      heap: HEAP,
      ...rest,
      arguments: [String(peer.port), ...(options.arguments ?? [])],
      onReport: (name, numbers) => {
        reports.set(name, numbers);
        onReport?.(name, numbers, peer);
      },
    });
    if (reason !== "finished") throw new Error(`${program}: ${reason}\n${errors}`);
    return reports;
  } finally {
    await peer.close();
  }
}

/** The path of a program. */
export function pathOf(program: string): string {
  return fileURLToPath(new URL(`./programs/${program}.ts`, import.meta.url));
}
