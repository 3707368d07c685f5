import TCP from "embedded:io/socket/tcp";
import Sim from "sim";
import MQTTClient from "../../../hosts/device/ecma419.js";
import { Steady } from "./support/steady.js";

// Reads every message into the same buffer. One of another length than 32 bytes ends it.

const steady = new Steady();
const buffer = new Uint8Array(32);

new MQTTClient({
  host: "localhost",
  address: "127.0.0.1",
  port: Number(Sim.argument(0)),
  socket: { io: TCP },
  onControl({ operation }) {
    if (operation === MQTTClient.CONNACK) Sim.report("ready");
  },
  onReadable(count) {
    if (count === 32) {
      this.read(buffer);
      steady.count();
    } else this.close();
  },
});
