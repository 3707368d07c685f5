import Sim from "sim";
import Timer from "timer";
import { makeClient, payload, TOPIC } from "../../../sim/programs/support/client.js";

// Meets one hostile server after the other, over real sockets, until one has its message delivered and sends one. Traces why
// each connection ended, and reports how much heap is in use then, in bytes and without garbage.

const SLOT = 32;
const bytes = payload();

function report(): void {
  Sim.collect();
  Sim.report("heap", Sim.slotsInUse() * SLOT + Sim.chunkBytesInUse());
}

const client = makeClient({
  clientId: "greenhouse-1",
  clean: false,
  packetSize: 128,
  receiveMaximum: 8,
  inflight: 2,
  keepalive: 1,
  connectTimeout: 500,
  reconnectPeriod: 100,
  reconnectMaximum: 100,
  random: () => 0.9, // so that there is time for a look at the heap
  onConnect: () => void client.publish(TOPIC, bytes, 1),
  onMessage: (message) => {
    if (message.length === 7 && client.inflight === 0) client.close();
  },
  onDisconnect: (error) => {
    trace(`${error?.code ?? "in order"}\n`);
    Timer.set(report); // when there is no error any more
  },
});
client.connect();
