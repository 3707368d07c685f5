import type { Message } from "mqtt-xs";
import Sim from "sim";
import { makeClient } from "./support/client.js";

// Keeps a copy of every message, until there is no memory left.

const kept: Uint8Array[] = [];

function handler(message: Message): void {
  kept.push(message.payload);
  Sim.report("kept", kept.length);
}

const client = makeClient({});
client.subscribe({ filter: "#", handler }, () => Sim.report("ready"));
client.connect();
