import TCP from "embedded:io/socket/tcp";
import Sim from "sim";
import MQTTClient from "../../../hosts/device/ecma419.js";
import { payload, TOPIC } from "./support/client.js";
import { Steady } from "./support/steady.js";

// Publishes with the quality of service in the second argument, with the same dictionary each time: the next message when the
// one before is acknowledged or, with QoS 0, as soon as there is room.

const steady = new Steady();
const options = { topic: TOPIC, QoS: Number(Sim.argument(1)) };
const data = payload();

function next(): void {
  steady.count();
  if (steady.done) client.close();
  else client.write(data, options);
}

const client = new MQTTClient({
  host: "localhost",
  address: "127.0.0.1",
  port: Number(Sim.argument(0)),
  socket: { io: TCP },
  onWritable() {
    if (options.QoS === 0) next();
  },
  onControl({ operation }) {
    if (operation === MQTTClient.CONNACK && options.QoS > 0) client.write(data, options);
    if (operation === MQTTClient.PUBACK || operation === MQTTClient.PUBCOMP) next();
  },
});
