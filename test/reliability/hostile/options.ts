import { grouped } from "../../../hosts/start/format.js";
import { Failure } from "../../../hosts/start/failure.js";
import { readOptions, wholeNumber } from "../support/command-line.js";
import { VERSION_NAMES, type VersionName } from "./play/version-name.js";

/** What `npm run fuzz` was asked for. */
export interface FuzzOptions {
  readonly versions: readonly VersionName[];
  /** How long to look for new scripts. */
  readonly minutes: number;
  readonly seed: number;
  /** A file with scripts, or one of them. */
  readonly replay: string | undefined;
  readonly updateCorpus: boolean;
  /** Whether to look for faults put into copies of the library instead. */
  readonly prove: boolean;
  /** Whether to list the blocks that nothing reaches. */
  readonly unreached: boolean;
}

/** What `--help` prints. */
export const HELP = `Plays hostile servers to the client: scripts of what a server sends and what the
application, the network and time do in between, mutated for as long as they
reach more of the library. Whatever comes, the client may not throw, hang, work
without bound, grow, send nonsense, or end a connection for no named reason; and
the same bytes, split otherwise, must come to the same.

  npm run fuzz -- [options]

  --minutes <n>      how long, 0.1 to 1440; 0: only what is known; default 10
  --version <v>      3, 5 or websocket, commas between; default all
  --seed <n>         another one for other scripts; default 1
  --update-corpus    keep what is worth it in test/reliability/hostile/corpus
  --replay <what>    play these instead: a file, or "<version> <hex or base64>"
  --unreached        list the places in the library that nothing has reached
  --prove            put faults into copies of the library, and see how long
                     it takes to find each
  --help             this
`;

/** A day. */
const MOST_MINUTES = 1_440;

const OPTIONS = {
  minutes: { type: "string", default: "10" },
  version: { type: "string", default: VERSION_NAMES.join(",") },
  seed: { type: "string", default: "1" },
  "update-corpus": { type: "boolean", default: false },
  replay: { type: "string" },
  unreached: { type: "boolean", default: false },
  prove: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** Reads the command line. @throws Failure that says in one line what is wrong with it. */
export function parseOptions(args: readonly string[]): FuzzOptions | "help" {
  const values = readOptions(args, OPTIONS);
  if (values.help) return "help";
  return {
    versions: versionsOf(values.version),
    minutes: minutesOf(values.minutes),
    seed: wholeNumber("--seed", values.seed, 0, 0xffff_ffff),
    replay: values.replay,
    updateCorpus: values["update-corpus"],
    prove: values.prove,
    unreached: values.unreached,
  };
}

function versionsOf(text: string): VersionName[] {
  return text.split(",").map((name) => {
    const version = VERSION_NAMES.find((each) => each === name);
    if (version === undefined) throw new Failure(`--version: expected ${VERSION_NAMES.join(", ")}, got "${name}"`);
    return version;
  });
}

function minutesOf(text: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (value >= 0 && value <= MOST_MINUTES) return value;
  throw new Failure(`--minutes: expected a number from 0 to ${grouped(MOST_MINUTES)}, got "${text}"`);
}
