import { choice, readOptions, wholeNumber } from "../support/command-line.js";
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
  broker: { type: "string", default: "both" },
  seed: { type: "string" },
  trace: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** Reads the command line. @throws Failure that says in one line what is wrong with it. */
export function parseOptions(args: readonly string[]): FaultsOptions | "help" {
  const values = readOptions(args, OPTIONS);
  if (values.help) return "help";
  const brokers = choice<readonly BrokerName[]>("--broker", values.broker, { mosquitto: ["mosquitto"], aedes: ["aedes"], both: BROKERS });
  const count = wholeNumber("--schedules", values.schedules ?? String(values.seed === undefined ? SCHEDULES : brokers.length), 1, MOST);
  const first = wholeNumber("--seed", values.seed ?? "1", 0, MOST);
  const seeds = Array.from({ length: Math.ceil(count / brokers.length) }, (_, at) => first + at);
  return { brokers, seeds, trace: values.trace };
}
