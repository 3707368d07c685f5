import TCP from "embedded:io/socket/tcp";
import Sim from "sim";
import MQTTClient from "../../../hosts/device/ecma419.js";

// Reads every message into a buffer of its own, in two portions, the second of them later, and reports the heap in use after
// every hundredth. Any message to "end" ends it.

const buffer = new Uint8Array(64);
const first = buffer.subarray(0, 10);
let received = 0;

function report(): void {
  Sim.collect();
  Sim.report("heap", received, Sim.slotsInUse(), Sim.chunkBytesInUse());
}

new MQTTClient({
  host: "localhost",
  address: "127.0.0.1",
  port: Number(Sim.argument(0)),
  socket: { io: TCP },
  packetSize: 128,
  onControl({ operation }) {
    if (operation === MQTTClient.CONNACK) this.write(null, { operation: MQTTClient.SUBSCRIBE, items: [{ topic: "in", QoS: 2 }] });
    if (operation === MQTTClient.SUBACK) Sim.report("ready");
  },
  onReadable(_count, { topic }) {
    if (topic === "end") this.close();
    if (topic === "end") return;
    this.read(first);
    this.read(buffer);
    if (++received % 100 === 0) report();
  },
});
