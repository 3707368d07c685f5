import Sim from "sim";
import { DeviceClock, TcpTransport } from "../../../hosts/device/index.js";
import { Client } from "mqtt-xs";

// Slots and bytes of chunks that one connection takes: from before its transport, clock and client are made, with all their
// modules preloaded, until it is connected. Garbage does not count.

const port = Number(Sim.argument(0));

function onConnect(): void {
  Sim.collect();
  Sim.report("connection", Sim.slotsInUse() - slots, Sim.chunkBytesInUse() - chunkBytes);
  Sim.exit();
}

Sim.collect();
const slots = Sim.slotsInUse();
const chunkBytes = Sim.chunkBytesInUse();
const client = new Client({
  transport: new TcpTransport({ address: "127.0.0.1", port }),
  clock: new DeviceClock(),
  onConnect,
});
client.connect();
