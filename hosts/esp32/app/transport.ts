import type { Transport } from "mqtt-xs";
import { TcpTransport } from "mqtt-xs/device";
import { SystemResolver } from "./resolver.js";
import type { BrokerSettings } from "./settings.js";

/** Whether the clock has to be right before the first connection. */
export const NEEDS_TIME: boolean = false;

/** The way to the broker. In the manifest of tls/, another module stands in the place of this one. */
export function transportTo({ host, port }: BrokerSettings): Transport {
  return new TcpTransport({ host, port, resolver: { io: SystemResolver } });
}
