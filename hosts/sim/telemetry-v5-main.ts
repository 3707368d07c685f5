import Sim from "sim";
import { DeviceClock } from "../device/clock.js";
import { telemetry } from "../telemetry-v5.js";
import type { SimTelemetryOptions } from "./telemetry-main.js";
import { TelemetryReports } from "./telemetry-reports.js";
import { transportTo } from "./transport.js";

const options = JSON.parse(Sim.argument(0) ?? "{}") as Omit<SimTelemetryOptions, "protocolVersion">;
const observer = new TelemetryReports();
const firmware = telemetry({ ...options, transport: transportTo(options), clock: new DeviceClock(), observer });
Sim.onInterrupt(() => firmware.stop());
