import { choice, readOptions, wholeNumber } from "../support/command-line.js";
import { DEFAULT_HEAP } from "../../../hosts/sim/runner.js";
import type { BrokerName } from "../faults/brokers.js";
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
between reconnects and the heap is flat; 1 if not, and for wrong options; 130
and 143 after Ctrl-C and SIGTERM.
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
  const values = readOptions(args, OPTIONS);
  if (values.help) return "help";
  return {
    messages: wholeNumber("--messages", values.messages, 1, 100_000_000),
    restarts: wholeNumber("--restarts", values.restarts, 0, 1_000),
    broker: choice<BrokerName>("--broker", values.broker, { mosquitto: "mosquitto", aedes: "aedes" }),
    protocolVersion: choice<4 | 5>("--protocol", values.protocol, { 4: 4, 5: 5 }),
    seed: wholeNumber("--seed", values.seed, 0, 0x7fffffff),
    heap: wholeNumber("--heap", values.heap, 16_384, 16_777_216),
    output: values.output,
  };
}
