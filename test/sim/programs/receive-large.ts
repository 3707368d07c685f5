import type { Message } from "mqtt-xs";
import Sim from "sim";
import { makeClient, TOPIC } from "./support/client.js";
import { Pieces } from "./support/large.js";
import { Steady } from "./support/steady.js";

// Takes messages that come in pieces, because they are larger than the buffers of 512 bytes. Any other message ends it.

const steady = new Steady();
const pieces = new Pieces();

function handler(message: Message): void {
  if (pieces.take(message)) steady.count();
}

function finish(): void {
  Sim.report("bad", pieces.bad);
  client.close();
}

const client = makeClient({ onMessage: finish });
client.subscribe({ filter: TOPIC, qos: 2, handler }, () => Sim.report("ready"));
client.connect();
