import Sim from "sim";
import { makeClient } from "./support/client.js";

// Reconnects fifty times, because the peer drops every connection, and tells each time what is in use.

const CONNECTIONS = 50;
let connections = 0;

function onConnect(): void {
  Sim.collect();
  Sim.report("inUse", Sim.slotsInUse(), Sim.chunkBytesInUse());
  if (++connections === CONNECTIONS) client.close();
}

const client = makeClient({
  clientId: "greenhouse-1",
  clean: false,
  reconnectPeriod: 1,
  reconnectMaximum: 2,
  onConnect,
});
client.subscribe({ filter: "greenhouse/#", handler: () => undefined });
client.connect();
