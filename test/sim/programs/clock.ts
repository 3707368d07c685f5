import Time from "time";
import Sim from "sim";
import { makeClient } from "./support/client.js";

// Keeps alive until the server no longer answers, connects again, and ends; tells what the clock shows at first and at last.

let connections = 0;

function onConnect(): void {
  trace("connected");
  if (++connections === 2) client.close();
}

function onDisconnect(error: { code: string } | undefined): void {
  trace(error?.code ?? "closed");
  if (!error) Sim.report("end", Time.ticks);
}

const client = makeClient({
  keepalive: 3,
  reconnectPeriod: 2_000,
  random: () => 0.5,
  onConnect,
  onDisconnect,
});
Sim.report("begin", Time.ticks);
client.connect();
