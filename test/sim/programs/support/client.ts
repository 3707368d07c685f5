import { Client, type ClientOptions } from "mqtt-xs";
import { DeviceClock } from "../../../../hosts/device/index.js";
import { makeTransport } from "./transport.js";

/** 27 bytes. */
export const TOPIC = "greenhouse/1/temperature/in";

/** 32 bytes. */
export function payload(): Uint8Array {
  return new Uint8Array(32).fill(0x61);
}

/** A client of the runner's peer, on the device's transport and clock. */
export function makeClient(options: Partial<ClientOptions>): Client {
  return new Client({ transport: makeTransport(), clock: new DeviceClock(), ...options });
}
