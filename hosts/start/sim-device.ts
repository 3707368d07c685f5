import { fileURLToPath } from "node:url";
import { buildHost, bundle, run, SimulatorError, tlsAvailable, type Bundle, type RunReport } from "../sim/runner.js";
import type { SimTelemetryOptions } from "../sim/telemetry-main.js";
import type { Protocol } from "./broker-address.js";
import type { Boot, Device, DeviceOptions } from "./device.js";
import type { DeviceEvent } from "./events.js";
import { Failure } from "./failure.js";
import { memorySize } from "./format.js";
import type { ProtocolVersion } from "./protocol-version.js";
import { readReport, readTrace } from "./sim-lines.js";
import { trustedAuthority } from "./trusted-authority.js";

const ENTRIES: Readonly<Record<ProtocolVersion, string>> = {
  "3.1.1": fileURLToPath(new URL("../sim/telemetry-main.ts", import.meta.url)),
  "5.0": fileURLToPath(new URL("../sim/telemetry-v5-main.ts", import.meta.url)),
};

/** How far the preparations are. */
type Tell = (what: string, done: number, total: number) => void;

/** What the simulated device is to be. */
export interface SimulatorOptions {
  /** Bytes. */
  readonly heap: number;
  readonly protocol: ProtocolVersion;
  /** How it reaches the broker. */
  readonly carrier: Protocol;
}

/** Builds what is missing, which takes some seconds once, and gives a simulator that can be booted. */
export async function prepareSimulator({ heap, protocol, carrier }: SimulatorOptions, tell: Tell): Promise<Boot> {
  if (isSecure(carrier) && !(await tlsAvailable()))
    throw new Failure(`${carrier}:// in the simulator needs OpenSSL's headers: apt-get install libssl-dev; or use --host node`);
  try {
    await buildHost({ onProgress: ({ done, total }) => tell("building the XS engine, which takes a moment once", done, total) });
    const program = await bundle(ENTRIES[protocol]);
    return (options, hear) => boot(program, heap, options, hear);
  } catch (error) {
    throw failureOf(error);
  }
}

function boot(program: Bundle, heap: number, options: DeviceOptions, hear: (event: DeviceEvent) => void): Device {
  const controller = new AbortController();
  const running = run(program, {
    heap,
    arguments: [JSON.stringify(programOptions(options))],
    signal: controller.signal,
    onReport: (name, numbers) => tellIfEvent(readReport(name, numbers), hear),
    onTrace: (line) => tellIfEvent(readTrace(line), hear),
  });
  const abort = (): void => controller.abort();
  return { ended: ending(running, program, heap), stop: abort, kill: abort };
}

function programOptions({ broker, names, qos, interval, count, payloadSize }: DeviceOptions): SimTelemetryOptions {
  const { protocol, host, port, path, username, password } = broker;
  return {
    protocol,
    host,
    port,
    ...(path === undefined ? {} : { path }),
    ...(isSecure(protocol) ? { certificate: trustedAuthority(protocol) } : {}),
    ...names,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(count === Infinity ? {} : { count }), // JSON has no Infinity
    qos,
    interval,
    payloadSize,
  };
}

function isSecure(protocol: Protocol): boolean {
  return protocol === "mqtts" || protocol === "wss";
}

function tellIfEvent(event: DeviceEvent | undefined, hear: (event: DeviceEvent) => void): void {
  if (event !== undefined) hear(event);
}

async function ending(running: Promise<RunReport>, program: Bundle, heap: number): Promise<void> {
  try {
    const { reason, errors } = await running;
    if (reason === "memory full")
      throw new Failure(`the device ran out of memory: a heap of ${memorySize(heap)} is too small (--heap gives more)`);
    if (reason === "exception") throw new Failure(`the firmware failed: ${errors.split("\n", 1).join("")}`);
  } catch (error) {
    throw failureOf(error);
  } finally {
    await program.remove();
  }
}

function failureOf(error: unknown): unknown {
  return error instanceof SimulatorError ? new Failure(error.message) : error;
}
