import type { Transport } from "mqtt-xs";
import { describeAddress, type BrokerAddress } from "../start/broker-address.js";
import { telemetry, type Telemetry, type TelemetryOptions } from "../telemetry.js";
import { NodeClock } from "./clock.js";
import { TcpTransport } from "./tcp-transport.js";
import { TlsTransport } from "./tls-transport.js";
import { WebSocketTransport } from "./websocket-transport.js";

/** Where the broker is, and what is left of the firmware's options. */
export type NodeTelemetryOptions = BrokerAddress & Omit<TelemetryOptions, "transport" | "clock">;

/** Runs the firmware in this process. */
export function startTelemetry({ protocol, host, port, path = "", ...options }: NodeTelemetryOptions): Telemetry {
  return telemetry({ ...options, transport: transportTo({ protocol, host, port, path }), clock: new NodeClock() });
}

function transportTo(address: BrokerAddress): Transport {
  switch (address.protocol) {
    case "mqtt":
      return new TcpTransport(address);
    case "mqtts":
      return new TlsTransport(address);
    case "ws":
    case "wss":
      return new WebSocketTransport({ url: describeAddress(address) });
  }
}
