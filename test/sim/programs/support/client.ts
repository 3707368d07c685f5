import { Client, type ClientOptions } from "mqtt-xs";
import Sim from "sim";
import { DeviceClock, TcpTransport } from "../../../../hosts/device/index.js";

/** 27 bytes. */
export const TOPIC = "greenhouse/1/temperature/in";

/** 32 bytes. */
export function payload(): Uint8Array {
  return new Uint8Array(32).fill(0x61);
}

/** A client of the runner's peer, whose port is the program's first argument; on the device's transport and clock. */
export function makeClient(options: Partial<ClientOptions>): Client {
  const transport = new TcpTransport({ address: "127.0.0.1", port: Number(Sim.argument(0)) });
  return new Client({ transport, clock: new DeviceClock(), ...options });
}
