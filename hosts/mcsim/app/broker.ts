import { TcpTransport } from "mqtt-xs/device";
import { NetResolver } from "./net-resolver.js";

const ADDRESS = /^\d+\.\d+\.\d+\.\d+$/;

/** The send buffer of the simulator on Linux has 1,536 bytes. */
const WRITE_LIMIT = 1_500;

/** The way to a broker, by its name or address. */
export function transportTo(host: string, port: number): TcpTransport {
  return new TcpTransport({ ...destination(host), port, writeLimit: WRITE_LIMIT });
}

function destination(host: string): { address: string } | { host: string; resolver: { io: typeof NetResolver } } {
  if (host === "localhost") return { address: "127.0.0.1" }; // on Linux, the SDK finds nothing but its IPv6 address
  return ADDRESS.test(host) ? { address: host } : { host, resolver: { io: NetResolver } };
}
