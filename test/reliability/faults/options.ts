import { parseArgs } from "node:util";
import { Failure } from "../../../hosts/start/failure.js";
import { type BrokerName, BROKERS } from "./brokers.js";

/** What `npm run faults` was asked for. */
export interface FaultsOptions {
  readonly brokers: readonly BrokerName[];
  /** The seeds that each of the brokers gets. */
  readonly seeds: readonly number[];
  readonly trace: boolean;
}

/** What `--help` prints. */
export const HELP = `Random schedules of network faults against real brokers: nothing may be lost, come
twice with QoS 2, or come out of order.

  npm run faults             10,000 schedules
  npm run faults -- [options]

  --schedules <n>            how many, half of them with each broker
  --broker <name>            mosquitto, aedes or both (default)
  --seed <n>                 begins with this seed; without --schedules this one only
  --trace                    prints every fault, packet and message
  --help                     this

Exit status: 0 if nothing went wrong, 1 if something did or for wrong options,
130 and 143 after Ctrl-C and SIGTERM.
`;

const SCHEDULES = 10_000;
const MOST = 2 ** 31;

const OPTIONS = {
  schedules: { type: "string" },
  broker: { type: "string" },
  seed: { type: "string" },
  trace: { type: "boolean" },
  help: { type: "boolean" },
} as const;

/** Reads the command line. @throws Failure that says in one line what is wrong with it. */
export function parseOptions(args: readonly string[]): FaultsOptions | "help" {
  const values = parseStrictly(args);
  if (values.help) return "help";
  const brokers = brokersOf(values.broker ?? "both");
  const count = wholeNumber("--schedules", values.schedules ?? String(values.seed === undefined ? SCHEDULES : brokers.length), 1);
  const first = wholeNumber("--seed", values.seed ?? "1", 0);
  const seeds = Array.from({ length: Math.ceil(count / brokers.length) }, (_, at) => first + at);
  return { brokers, seeds, trace: values.trace ?? false };
}

function parseStrictly(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Failure(`${message.split(". ", 1).join("")} (npm run faults -- --help tells more)`);
  }
}

function brokersOf(name: string): readonly BrokerName[] {
  const found = name === "both" ? BROKERS : BROKERS.filter((it) => it === name);
  if (found.length === 0) throw new Failure(`--broker: expected mosquitto, aedes or both, got "${name}"`);
  return found;
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= MOST) return value;
  throw new Failure(`${name}: expected a whole number from ${least} to ${MOST}, got "${text}"`);
}
