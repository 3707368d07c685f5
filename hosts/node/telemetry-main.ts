import type { Transport } from "mqtt-xs";
import { telemetry, type Telemetry, type TelemetryOptions } from "../telemetry.js";
import { NodeClock } from "./clock.js";
import { TcpTransport } from "./tcp-transport.js";
import { TlsTransport } from "./tls-transport.js";

/** Where the broker is, and what is left of the firmware's options. */
export interface NodeTelemetryOptions extends Omit<TelemetryOptions, "transport" | "clock"> {
  protocol: "mqtt" | "mqtts";
  host: string;
  port: number;
}

/** Runs the firmware in this process. */
export function startTelemetry({ protocol, host, port, ...options }: NodeTelemetryOptions): Telemetry {
  const transport: Transport = protocol === "mqtts" ? new TlsTransport({ host, port }) : new TcpTransport({ host, port });
  return telemetry({ ...options, transport, clock: new NodeClock() });
}
