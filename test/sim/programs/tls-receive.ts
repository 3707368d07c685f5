import { Client } from "mqtt-xs";
import Sim from "sim";
import { DeviceClock } from "../../../hosts/device/index.js";
import { TOPIC } from "./support/client.js";
import { secureTransport } from "./support/secure.js";
import { Steady } from "./support/steady.js";

// Takes messages of QoS 1 over TLS and acknowledges each. Arguments: the port, and the certificate to trust.

const steady = new Steady();
const transport = secureTransport({ port: Number(Sim.argument(0)), certificate: Sim.argument(1) ?? "" });
const client = new Client({ transport, clock: new DeviceClock(), keepalive: 0 });

function handler(): void {
  steady.count();
  if (steady.done) client.close();
}

client.subscribe({ filter: TOPIC, qos: 1, handler }, () => Sim.report("ready"));
client.connect();
