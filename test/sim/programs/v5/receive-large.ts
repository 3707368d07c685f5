import type { Message } from "mqtt-xs/v5";
import Sim from "sim";
import { Pieces } from "../support/large.js";
import { Steady } from "../support/steady.js";
import { makeClient, TOPIC } from "./support/client.js";

// Takes messages that come in pieces, because they are larger than the buffers of 512 bytes, and looks at their properties with
// each piece. Any other message ends it.

const MESSAGE_EXPIRY_INTERVAL = 2;

const steady = new Steady();
const pieces = new Pieces();
let expiry = 0;

function handler(message: Message): void {
  const value = message.properties.number(MESSAGE_EXPIRY_INTERVAL) ?? 0;
  if (!pieces.take(message)) return;
  expiry += value;
  steady.count();
}

function finish(): void {
  Sim.report("bad", pieces.bad);
  Sim.report("read", expiry);
  client.close();
}

const client = makeClient({ topicAliasMaximum: 4, topicAliasSize: 64, onMessage: finish });
client.subscribe({ filter: TOPIC, qos: 2, handler }, () => Sim.report("ready"));
client.connect();
