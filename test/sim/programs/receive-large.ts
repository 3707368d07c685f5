import type { Message } from "mqtt-xs";
import Sim from "sim";
import { makeClient, TOPIC } from "./support/client.js";
import { Steady } from "./support/steady.js";

// Takes messages that come in pieces, because they are larger than the buffers of 512 bytes. Any other message ends it.

const steady = new Steady();
let next = 0;
let bad = 0;

/** Byte `n` of every message must be `n & 0xff`; of each piece the first and the last are looked at. */
function handler(message: Message): void {
  const last = message.offset + message.length - 1;
  if (message.offset !== next) bad++;
  if (message.bytes[message.start] !== (next & 0xff) || message.bytes[message.end - 1] !== (last & 0xff)) bad++;
  next = last + 1;
  if (next < message.total) return;
  next = 0;
  steady.count();
}

function finish(): void {
  Sim.report("bad", bad);
  client.close();
}

const client = makeClient({ onMessage: finish });
client.subscribe({ filter: TOPIC, qos: 2, handler }, () => Sim.report("ready"));
client.connect();
