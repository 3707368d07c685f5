import Sim from "sim";
import { DeviceClock } from "../device/clock.js";
import { telemetry, type TelemetryObserver, type TelemetryOptions } from "../telemetry.js";
import { type SimAddress, transportTo } from "./transport.js";

/** What the program's one argument holds, as JSON. */
export type SimTelemetryOptions = SimAddress & Omit<TelemetryOptions, "transport" | "clock" | "observer">;

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

const options = JSON.parse(Sim.argument(0) ?? "{}") as SimTelemetryOptions;
const firmware = telemetry({ ...options, transport: transportTo(options), clock: new DeviceClock(), observer });
Sim.onInterrupt(() => firmware.stop());
