import { Client, type Message } from "mqtt-xs";
import Sim from "sim";
import { DeviceClock } from "../../../hosts/device/index.js";
import { type SecureAddress, secureTransport } from "./support/secure.js";

// Sends back whatever comes to "to/device", with the same quality of service; "end" ends it. The argument is a
// `SecureEchoOptions` in JSON.

export interface SecureEchoOptions extends SecureAddress {
  /** As for the client. 0: the first failure ends it. */
  readonly reconnectPeriod: number;
}

const { reconnectPeriod, ...address } = JSON.parse(Sim.argument(0) ?? "") as SecureEchoOptions;
let content = new Uint8Array(0);

function take(message: Message): void {
  if (message.offset === 0) content = new Uint8Array(message.total);
  content.set(message.payload, message.offset);
  if (message.offset + message.length < message.total) return;
  if (message.total === 3 && message.text() === "end") client.close();
  else client.publish("from/device", content, message.qos);
}

const client = new Client({
  transport: secureTransport(address),
  clock: new DeviceClock(),
  clientId: "device",
  clean: false,
  reconnectPeriod,
  reconnectMaximum: 100,
  connectTimeout: 5_000,
  onConnect: (sessionPresent) => Sim.report("connected", Number(sessionPresent)),
  onDisconnect: (error) => trace(`disconnected ${error?.code ?? "in order"}: ${error?.message ?? ""}`),
});
client.subscribe({ filter: "to/device", qos: 2, handler: take }, () => Sim.report("ready"));
client.connect();
