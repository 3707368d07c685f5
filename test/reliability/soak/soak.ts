import { fileURLToPath } from "node:url";
import { buildHost, bundle, type Bundle, run, type RunReport } from "../../../hosts/sim/runner.js";
import type { BrokerName } from "../faults/brokers.js";
import { Arrivals, type Outcome } from "./arrivals.js";
import { type SoakBroker, startBroker } from "./broker.js";
import { Conductor } from "./conductor.js";
import { DeviceLog } from "./device-log.js";
import { Plan } from "./plan.js";
import { record, Witness } from "./witness.js";

/** What to soak. */
export interface SoakSettings {
  readonly messages: number;
  /** How often the broker is restarted in between. */
  readonly restarts: number;
  readonly broker: BrokerName;
  readonly protocolVersion: 4 | 5;
  readonly seed: number;
  /** Bytes of the device's heap. */
  readonly heap: number;
}

/** Messages until the witness tells the device the newest that it has. */
const TELL = 32;

/** How far a soak has come. */
export interface SoakProgress {
  /** Messages that have arrived at the witness, each counted once. */
  readonly arrived: number;
  readonly restarts: number;
}

/** What came of a soak. */
export interface SoakResult {
  readonly settings: SoakSettings;
  /** How the device ended; `interrupted` is right, because that is how it is told to. */
  readonly report: Pick<RunReport, "reason" | "errors" | "peakBytes">;
  /** From the device to the witness, and back to the device. */
  readonly witness: Outcome;
  readonly echo: Outcome;
  readonly device: DeviceLog;
  /** Whether nothing has arrived any more before all had. */
  readonly isStalled: boolean;
  /** How often the broker had lost the witness' session. */
  readonly witnessSessionsLost: number;
  /** How many messages the device had published at each restart of the broker. */
  readonly restartsAt: readonly number[];
  readonly milliseconds: number;
}

/**
 * Has a device on XS publish messages, a witness receive them, and the device receive them back, while the broker is restarted in
 * between.
 * @param signal ends it early
 */
export async function soak(
  settings: SoakSettings,
  onProgress: (progress: SoakProgress) => void,
  signal: AbortSignal,
): Promise<SoakResult> {
  await buildHost();
  const program = await bundle(programOf(settings));
  const broker = await startBroker(settings.broker);
  try {
    return await soakWith(broker, program, settings, onProgress, signal);
  } finally {
    await broker.stop();
    await program.remove();
  }
}

async function soakWith(
  broker: SoakBroker,
  program: Bundle,
  settings: SoakSettings,
  onProgress: (progress: SoakProgress) => void,
  signal: AbortSignal,
): Promise<SoakResult> {
  const started = performance.now();
  const plan = new Plan(settings.seed);
  const [arrivals, echo] = [new Arrivals(plan, settings.messages), new Arrivals(plan, settings.messages)];
  const device = new DeviceLog(echo);
  const witness = await Witness.start({ host: broker.host, port: broker.port, protocolVersion: settings.protocolVersion });
  const conductor = new Conductor({ settings, broker, arrivals, device, onProgress, signal });
  witness.onMessage = (message) => {
    record(message, plan, arrivals);
    if (arrivals.total % TELL === 0) witness.tell(arrivals.newest());
    conductor.advance();
  };
  const report = await run(program, {
    heap: settings.heap,
    arguments: [broker.port, settings.messages, settings.seed].map(String),
    signal: conductor.signal,
    onReport: (name, numbers) => {
      device.take(name, numbers);
      conductor.advance();
    },
  });
  await conductor.stop();
  await witness.end();
  return {
    settings,
    report,
    witness: arrivals.outcome(),
    echo: echo.outcome(),
    device,
    isStalled: conductor.isStalled,
    witnessSessionsLost: witness.sessionsLost,
    restartsAt: conductor.restartsAt,
    milliseconds: performance.now() - started,
  };
}

function programOf({ protocolVersion }: SoakSettings): string {
  return fileURLToPath(new URL(`../../sim/programs/${protocolVersion === 5 ? "soak-v5" : "soak"}.ts`, import.meta.url));
}
