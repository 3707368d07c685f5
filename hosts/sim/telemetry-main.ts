import Sim from "sim";
import { DeviceClock } from "../device/clock.js";
import { telemetry, type TelemetryOptions } from "../telemetry.js";
import { TelemetryReports } from "./telemetry-reports.js";
import { type SimAddress, transportTo } from "./transport.js";

/** What the program's one argument holds, as JSON. */
export type SimTelemetryOptions = SimAddress & Omit<TelemetryOptions, "transport" | "clock" | "observer">;

const options = JSON.parse(Sim.argument(0) ?? "{}") as SimTelemetryOptions;
const observer = new TelemetryReports();
const firmware = telemetry({ ...options, transport: transportTo(options), clock: new DeviceClock(), observer });
Sim.onInterrupt(() => firmware.stop());
