import { readOptions, wholeNumber } from "../support/command-line.js";
import { LIMITS, type Storm } from "./simulation.js";

/** What `npm run storm` was asked for. */
export interface StormOptions extends Storm {
  /** Where the plot goes. */
  readonly output: string;
}

/** What `--help` prints. */
export const HELP = `A simulation in virtual time: many devices, each the client itself, lose their
broker at once and find it again when it is back. Compared are the client's
backoff and fixed retries.

  npm run storm -- [options]

  --devices <n>        1 to 100000; default 10000
  --outage <seconds>   how long the broker is gone, 1 to 3600; default 60
  --rate <n>           connections that it accepts in a second; default ${LIMITS.acceptRate}
  --backlog <n>        connections that may wait for that, beyond which it
                       refuses; default ${LIMITS.backlog}
  --refusal-cost <µs>  microseconds that each refusal takes it; default ${LIMITS.refusalCost * 1_000}
  --seed <n>           another one for other chances, the same result for the
                       same; default 1
  --output <file>      for the plot; default build/storm.svg
  --help               this
`;

const OPTIONS = {
  devices: { type: "string", default: "10000" },
  outage: { type: "string", default: "60" },
  rate: { type: "string", default: String(LIMITS.acceptRate) },
  backlog: { type: "string", default: String(LIMITS.backlog) },
  "refusal-cost": { type: "string", default: String(LIMITS.refusalCost * 1_000) },
  seed: { type: "string", default: "1" },
  output: { type: "string", default: "build/storm.svg" },
  help: { type: "boolean", default: false },
} as const;

/** Reads the command line. @throws Failure that says in one line what is wrong with it. */
export function parseOptions(args: readonly string[]): StormOptions | "help" {
  const values = readOptions(args, OPTIONS);
  if (values.help) return "help";
  return {
    ...LIMITS,
    devices: wholeNumber("--devices", values.devices, 1, 100_000),
    outage: wholeNumber("--outage", values.outage, 1, 3_600),
    acceptRate: wholeNumber("--rate", values.rate, 1, 1_000_000),
    backlog: wholeNumber("--backlog", values.backlog, 1, 1_000_000),
    refusalCost: wholeNumber("--refusal-cost", values["refusal-cost"], 0, 1_000_000) / 1_000,
    seed: wholeNumber("--seed", values.seed, 0, 0xffff_ffff),
    output: values.output,
  };
}
