import type { Transport } from "mqtt-xs";
import { WebSocketTransport } from "mqtt-xs/websocket";
import type { Protocol } from "../start/broker-address.js";
import { TcpTransport } from "../device/tcp-transport.js";
import { TlsTransport } from "../device/tls-transport.js";

/** Where a broker is. */
export interface SimAddress {
  protocol: Protocol;
  host: string;
  port: number;
  /** With WebSockets: what to request. */
  path?: string;
  /** With TLS: the certificate to trust, as DER in hexadecimal digits. */
  certificate?: string;
}

/** The device's own transports, to wherever a URL may lead. */
export function transportTo(address: SimAddress): Transport {
  const { protocol, host, port, path = "/" } = address;
  const isSecure = protocol === "mqtts" || protocol === "wss";
  const carrier = isSecure ? new TlsTransport({ host, port, secure: secureOptions(address) }) : new TcpTransport({ host, port });
  if (protocol === "mqtt" || protocol === "mqtts") return carrier;
  return new WebSocketTransport({ transport: carrier, host: `${host.includes(":") ? `[${host}]` : host}:${port}`, path });
}

function secureOptions({ certificate }: SimAddress): { certificate?: Uint8Array } {
  return certificate === undefined ? {} : { certificate: bytesOf(certificate) };
}

function bytesOf(digits: string): Uint8Array {
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) => parseInt(digits.slice(2 * at, 2 * at + 2), 16));
}
