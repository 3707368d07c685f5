import { parseArgs } from "node:util";
import { Failure } from "../../../hosts/start/failure.js";
import { DEFAULT_HEAP } from "../../../hosts/sim/runner.js";
import { BROKERS, type BrokerName } from "./broker.js";
import type { SoakSettings } from "./soak.js";

/** What `npm run soak` was asked for. */
export interface SoakOptions extends SoakSettings {
  /** The plot's path. */
  readonly output: string;
}

/** What `--help` prints. */
export const HELP = `Soak: a device on XS publishes messages of QoS 0, 1 and 2, from nothing to 8 kB,
and gets them back, while the broker is restarted; an independent client counts.

  npm run soak -- [options]

  --messages <n>             1 to 100000000; default 1000000
  --restarts <n>             of the broker, 0 to 1000; default 20
  --broker <mosquitto|aedes> default mosquitto
  --protocol <4|5>           MQTT 3.1.1 (default) or 5.0
  --seed <n>                 which message has which QoS and size; default 1
  --heap <bytes>             of the device; default ${DEFAULT_HEAP}
  --output <path>            the plot of the heap; default build/soak.svg
  --help                     this

Exit status: 0 if nothing was lost or duplicated, no garbage was collected
between reconnects and the heap is flat; 1 if not, and for wrong options.
`;

const OPTIONS = {
  messages: { type: "string", default: "1000000" },
  restarts: { type: "string", default: "20" },
  broker: { type: "string", default: "mosquitto" },
  protocol: { type: "string", default: "4" },
  seed: { type: "string", default: "1" },
  heap: { type: "string", default: String(DEFAULT_HEAP) },
  output: { type: "string", default: "build/soak.svg" },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** Reads the command line; "help" when that is all that is wanted. @throws Failure that says in one line what is wrong. */
export function parseOptions(args: readonly string[]): SoakOptions | "help" {
  const values = parseStrictly(args);
  if (values.help) return "help";
  return {
    messages: integer("--messages", values.messages, 1, 100_000_000),
    restarts: integer("--restarts", values.restarts, 0, 1_000),
    broker: oneOf("--broker", values.broker, BROKERS) satisfies BrokerName,
    protocolVersion: oneOf("--protocol", values.protocol, ["4", "5"]) === "5" ? 5 : 4,
    seed: integer("--seed", values.seed, 0, 0x7fffffff),
    heap: integer("--heap", values.heap, 16_384, 16_777_216),
    output: values.output,
  };
}

function parseStrictly(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    throw wrong((error instanceof Error ? error.message : String(error)).split("\n", 1).join(""));
  }
}

function oneOf<Value extends string>(name: string, text: string, allowed: readonly Value[]): Value {
  const found = allowed.find((value) => value === text);
  if (found === undefined) throw wrong(`${name}: expected ${allowed.join(" or ")}, got "${text}"`);
  return found;
}

function integer(name: string, text: string, minimum: number, maximum: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= minimum && value <= maximum) return value;
  throw wrong(`${name}: expected a whole number from ${minimum} to ${maximum}, got "${text}"`);
}

function wrong(message: string): Failure {
  return new Failure(`${message} (npm run soak -- --help tells more)`);
}
