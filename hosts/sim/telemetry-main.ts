import Sim from "sim";
import { DeviceClock } from "../device/clock.js";
import { TcpTransport } from "../device/tcp-transport.js";
import { telemetry, type TelemetryObserver, type TelemetryOptions } from "../telemetry.js";

/** What the program's one argument holds, as JSON. */
export interface SimTelemetryOptions extends Omit<TelemetryOptions, "transport" | "clock" | "observer"> {
  host: string;
  port: number;
}

/** Tells the runner in numbers, which allocates nothing, and of failures, which are no steady state, in words. */
const observer: TelemetryObserver = {
  onConnect: (sessionPresent) => Sim.report("connected", Number(sessionPresent)),
  onDisconnect: (error) => trace(`disconnected ${error?.code ?? ""} ${error?.reasonCode ?? 0} ${error?.message ?? ""}`),
  onReading: (sequence, temperature, humidity, battery) => Sim.report("reading", sequence, temperature, humidity, battery),
  onPublished: (sequence) => Sim.report("published", sequence),
  onDelivered: (sequence, roundTrip) =>
    Sim.report(
      "delivered",
      sequence,
      roundTrip,
      Sim.slots(),
      Sim.chunkBytes(),
      Sim.slotsInUse(),
      Sim.chunkBytesInUse(),
      Sim.collections(),
    ),
  onInterval: (milliseconds) => Sim.report("interval", milliseconds),
  onFinished: () => Sim.report("finished"),
};

const { host, port, ...options } = JSON.parse(Sim.argument(0) ?? "{}") as SimTelemetryOptions;
const firmware = telemetry({ ...options, transport: new TcpTransport({ host, port }), clock: new DeviceClock(), observer });
Sim.onInterrupt(() => firmware.stop());
