import { parseArgs } from "node:util";
import { DEFAULT_HEAP } from "../sim/runner.js";
import { parseBrokerAddress, type BrokerAddress } from "./broker-address.js";
import { UsageFailure } from "./failure.js";
import type { ProtocolVersion } from "./protocol-version.js";

/** What `npm start` was asked for. */
export interface StartOptions {
  /** Undefined: a broker of our own. */
  readonly broker: BrokerAddress | undefined;
  readonly protocol: ProtocolVersion;
  readonly host: "sim" | "node";
  /** Messages until the end; `Infinity` for none. */
  readonly count: number;
  /** Milliseconds. */
  readonly interval: number;
  readonly qos: 0 | 1 | 2;
  /** Bytes; 0 for no padding. */
  readonly payloadSize: number;
  /** Bytes of the simulated device's heap. */
  readonly heap: number;
  readonly json: boolean;
}

/** What `--help` prints. */
export const HELP = `Telemetry end to end: a sensor's firmware publishes to a broker, and an
independent client checks every message.

  npm start                  on the XS engine, in a heap like an ESP32's,
                             to a broker of its own
  npm start -- [options]

  --broker <url>             mqtt[s]://[user:password@]host[:port] instead, or
                             ws[s]://[user:password@]host[:port][/path]; mqtts
                             and wss trust the certificates in the file
                             NODE_EXTRA_CA_CERTS, and with --host node those
                             that Node.js trusts
  --protocol <3.1.1|5>       version of MQTT; default 3.1.1. 5 without --broker
                             needs mosquitto, which is started if installed
  --host <sim|node>          the XS simulator (default), or Node.js
  --count <n>                messages until the end; default 30
  --forever                  no end; Ctrl-C disconnects in order
  --interval <ms>            between readings, 10 to 3600000; default 200
  --qos <0|1|2>              quality of service of the readings; default 1
  --payload-size <bytes>     pads readings, 128 to 1048576; large ones stream
  --heap <bytes>             of the simulated device, as in 96k; default 64k
  --json                     one JSON object on stdout at the end, nothing else
  --help                     this

The JSON object has: published, acknowledged (QoS 0: handed over), received,
lost; slotsPerMessage, chunkBytesPerMessage, collections: what was allocated and
collected after the first 5 messages of a connection; heapBytes (--heap); host,
protocol. What cannot be counted, as on Node.js, is null.

Exit status: 0 if everything published was acknowledged and received, 1 if not,
2 for wrong options, 130 and 143 after Ctrl-C and SIGTERM.
`;

const OPTIONS = {
  broker: { type: "string" },
  protocol: { type: "string", default: "3.1.1" },
  host: { type: "string", default: "sim" },
  count: { type: "string" },
  forever: { type: "boolean", default: false },
  interval: { type: "string", default: "200" },
  qos: { type: "string", default: "1" },
  "payload-size": { type: "string" },
  heap: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** Reads the command line; "help" when that is all that is wanted. Throws `UsageFailure`, which never quotes a URL. */
export function parseOptions(args: readonly string[]): StartOptions | "help" {
  const values = parseValues(args);
  if (values.help) return "help";
  if (values.forever && values.count !== undefined) throw new UsageFailure("--count and --forever exclude each other");
  if (values.heap !== undefined && values.host === "node") throw new UsageFailure("--heap is for --host sim only");
  const options: StartOptions = {
    broker: values.broker === undefined ? undefined : broker(values.broker),
    protocol: protocolVersion(values.protocol),
    host: oneOf("--host", values.host, ["sim", "node"]),
    count: values.forever ? Infinity : integer("--count", values.count ?? "30", 1, 1_000_000_000),
    interval: integer("--interval", values.interval, 10, 3_600_000),
    qos: qualityOfService(values.qos),
    payloadSize: values["payload-size"] === undefined ? 0 : integer("--payload-size", values["payload-size"], 128, 1_048_576),
    heap: values.heap === undefined ? DEFAULT_HEAP : heap(values.heap),
    json: values.json,
  };
  return options;
}

function parseValues(args: readonly string[]) {
  const { values, positionals } = parseStrictly(args);
  if (positionals.length > 0)
    throw new UsageFailure("unexpected argument; with npm, options come after two dashes: npm start -- --count 5");
  return values;
}

function parseStrictly(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const unknown = /^Unknown option '(-[^']*)'/.exec(message);
    throw new UsageFailure(unknown ? `unknown option ${unknown[1]}` : message.split("\n", 1).join(""));
  }
}

function broker(text: string): BrokerAddress {
  const address = parseBrokerAddress(text);
  if (address === undefined)
    throw new UsageFailure(
      "--broker: expected mqtt[s]://[user:password@]host[:port] or ws[s]://[user:password@]host[:port][/path], special characters percent-encoded",
    );
  return address;
}

function oneOf<Value extends string>(name: string, text: string, allowed: readonly Value[]): Value {
  const found = allowed.find((value) => value === text);
  if (found === undefined) throw new UsageFailure(`${name}: expected ${allowed.join(" or ")}, got "${text}"`);
  return found;
}

function protocolVersion(text: string): ProtocolVersion {
  return text === "5.0" || oneOf("--protocol", text, ["3.1.1", "5"]) === "5" ? "5.0" : "3.1.1";
}

function integer(name: string, text: string, minimum: number, maximum: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= minimum && value <= maximum))
    throw new UsageFailure(`${name}: expected a whole number from ${minimum} to ${maximum}, got "${text}"`);
  return value;
}

function qualityOfService(text: string): 0 | 1 | 2 {
  return { "0": 0, "1": 1, "2": 2 }[oneOf("--qos", text, ["0", "1", "2"])] as 0 | 1 | 2;
}

function heap(text: string): number {
  const kilobytes = /^(\d+)k$/i.exec(text);
  return integer("--heap", kilobytes ? String(Number(kilobytes[1]) * 1024) : text, 16_384, 16_777_216);
}
