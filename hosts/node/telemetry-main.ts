import type { Transport } from "mqtt-xs";
import { describeAddress, type BrokerAddress } from "../start/broker-address.js";
import type { ProtocolVersion } from "../start/protocol-version.js";
import { telemetry, type Telemetry } from "../telemetry.js";
import { telemetry as telemetry5, type TelemetryOptions } from "../telemetry-v5.js";
import { NodeClock } from "./clock.js";
import { TcpTransport } from "./tcp-transport.js";
import { TlsTransport } from "./tls-transport.js";
import { WebSocketTransport } from "./websocket-transport.js";

/** Where the broker is, and what is left of the firmware's options; those of MQTT 5.0 are for 5.0 only. */
export type NodeTelemetryOptions = BrokerAddress & Omit<TelemetryOptions, "transport" | "clock" | "protocolVersion">;

/** Runs the firmware in this process. */
export function startTelemetry(version: ProtocolVersion, address: NodeTelemetryOptions): Telemetry {
  const { protocol, host, port, path = "", ...options } = address;
  const parts = { transport: transportTo({ protocol, host, port, path }), clock: new NodeClock() };
  return version === "5.0" ? telemetry5({ ...options, ...parts }) : telemetry({ ...options, ...parts });
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
