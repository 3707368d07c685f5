import { Client } from "mqtt-xs";
import Sim from "sim";
import Timer from "timer";
import { DeviceClock, TcpTransport } from "../../../hosts/device/index.js";

// Slots and bytes of chunks that one connection takes: from before its transport, clock and client are made, with all their
// modules preloaded, until it is connected. Garbage does not count. Both ends are taken in a call of the same timer, when
// what it took to start the program is gone.

const port = Number(Sim.argument(0));
let slots = 0;
let chunkBytes = 0;
let client: Client | undefined;

function connect(): Client {
  const made = new Client({ transport: new TcpTransport({ address: "127.0.0.1", port }), clock: new DeviceClock() });
  made.connect();
  return made;
}

function turn(): void {
  Sim.collect();
  if (client?.connected) finish();
  if (client) return;
  slots = Sim.slotsInUse();
  chunkBytes = Sim.chunkBytesInUse();
  client = connect();
}

function finish(): void {
  Sim.report("connection", Sim.slotsInUse() - slots, Sim.chunkBytesInUse() - chunkBytes);
  Sim.exit();
}

Timer.repeat(turn, 5);
