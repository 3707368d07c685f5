import { Client } from "mqtt-xs";
import { Client as Client5 } from "mqtt-xs/v5";
import Sim from "sim";
import Timer from "timer";
import { DeviceClock, TcpTransport } from "../../../hosts/device/index.js";

// Slots and bytes of chunks that one connection takes: from before its transport, clock and client are made, with all their
// modules preloaded, until it is connected. Garbage does not count. Both ends are taken in a call of the same timer, when
// what it took to start the program is gone. With "5" as argument it is the client of MQTT 5.0.

const port = Number(Sim.argument(0));
const is5 = Sim.argument(1) === "5";
let slots = 0;
let chunkBytes = 0;
let client: Client | Client5 | undefined;

function connect(): Client | Client5 {
  const options = { transport: new TcpTransport({ address: "127.0.0.1", port }), clock: new DeviceClock() };
  const made = is5 ? new Client5(options) : new Client(options);
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
