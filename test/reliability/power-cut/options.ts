import { Failure } from "../../../hosts/start/failure.js";
import { choice, readOptions, wholeNumber } from "../support/command-line.js";
import type { Protocol } from "./simulation/packets.js";
import { ENDINGS } from "./simulation/power.js";
import type { ScenarioName } from "./simulation/scenario.js";

/** Where the simulation runs. */
export type Host = "node" | "xs";

/** What `npm run powercut` was asked for. */
export interface PowerCutOptions {
  readonly does: "explore" | "replay" | "wear" | "broker";
  readonly hosts: readonly Host[];
  readonly protocols: readonly Protocol[];
  readonly scenario: ScenarioName;
  /** To replay: after how many steps the power goes, for the first time and for the second. */
  readonly cuts: readonly number[];
  /** The place in `ENDINGS`. */
  readonly ending: number;
  readonly trace: boolean;
  readonly double: boolean;
  readonly stride: number;
  /** With a real broker: how often the device is killed. */
  readonly kills: number;
  /** With a real broker: what the steps are chosen by. */
  readonly seed: number;
}

/** What `--help` prints. */
export const HELP = `Cuts the power of a device at every step of a long scenario, restarts it from its
store, and checks what has arrived against the broker's log.

  npm run powercut             at every byte written to flash (the byte torn, too),
                               every eighth of a sector erased, and every socket
                               write (left, not left, half of it left)
  npm run powercut -- [options]

  --host <node|xs|both>        Node.js, the XS engine, or both (default)
  --protocol <4|5|both>        MQTT 3.1.1, 5.0, or both (default)
  --tight                      another scenario: mostly offline, the store full
  --stride <n>                 only at every so manyth step
  --double                     a second cut at each of the first 250 steps after
                               the restart; unless told otherwise with --stride 29
  --step <n>[,<m>]             replays one cut, or a second one after it
  --ending <0|1|2>             how it ends: 0 all that was written to the socket
                               leaves, 1 nothing, and bytes are torn, 2 half of it
  --trace                      prints all that happens in the replay

  --wear                       measures how the store wears the flash instead

  --broker                     against mosquitto, the device a process that is
                               killed at random steps: with FileFlash on Node.js,
                               with embedded:storage/flash on XS
  --kills <n>                  how often; default 300 on each host and version
  --seed <n>                   what the steps are chosen by; default 1

Exit status: 0 if nothing was lost, duplicated, out of order or foreign, 1 if it
was, or for wrong options, 130 and 143 after Ctrl-C and SIGTERM.
`;

const OPTIONS = {
  host: { type: "string", default: "both" },
  protocol: { type: "string", default: "both" },
  step: { type: "string" },
  tight: { type: "boolean", default: false },
  ending: { type: "string", default: "0" },
  trace: { type: "boolean", default: false },
  double: { type: "boolean", default: false },
  stride: { type: "string" },
  wear: { type: "boolean", default: false },
  broker: { type: "boolean", default: false },
  kills: { type: "string", default: "300" },
  seed: { type: "string", default: "1" },
  help: { type: "boolean", short: "h", default: false },
} as const;

const MOST = 1_000_000_000;

/** Primes do not fall in with the scenario's periods. */
const DOUBLE_STRIDE = 29;

/** Reads the command line. @throws Failure that says in one line what is wrong with it. */
export function parseOptions(args: readonly string[]): PowerCutOptions | "help" {
  const values = readOptions(args, OPTIONS);
  if (values.help) return "help";
  const { double, trace } = values;
  if (trace && values.step === undefined) throw new Failure("--trace goes with --step");
  const modes = { replay: values.step !== undefined, wear: values.wear, broker: values.broker };
  const chosen = (["replay", "wear", "broker"] as const).filter((mode) => modes[mode]);
  if (chosen.length > 1) throw new Failure("--step, --wear and --broker exclude each other");
  return {
    does: chosen.at(0) ?? "explore",
    hosts: choice("--host", values.host, { node: ["node"], xs: ["xs"], both: ["node", "xs"] }),
    protocols: choice("--protocol", values.protocol, { 4: [4], 5: [5], both: [4, 5] }),
    scenario: values.tight ? "tight" : "usual",
    cuts: (values.step ?? "").split(",").filter(Boolean).map((each) => wholeNumber("--step", each, 0, MOST)),
    ending: wholeNumber("--ending", values.ending, 0, ENDINGS.length - 1),
    trace,
    double,
    stride: values.stride === undefined ? (double ? DOUBLE_STRIDE : 1) : wholeNumber("--stride", values.stride, 1, MOST),
    kills: wholeNumber("--kills", values.kills, 1, MOST),
    seed: wholeNumber("--seed", values.seed, 0, MOST),
  };
}
