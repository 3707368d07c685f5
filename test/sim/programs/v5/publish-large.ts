import { type QoS, WOULD_BLOCK } from "mqtt-xs";
import { Topic } from "mqtt-xs/v5";
import Sim from "sim";
import { Counting, countingBytes } from "../support/large.js";
import { Steady } from "../support/steady.js";
import { makeClient, makeProperties, TOPIC } from "./support/client.js";

// Publishes 10 kB with properties through buffers of 512 bytes. Argument 1: the quality of service; argument 2: "bytes" or "source".

const qos = Number(Sim.argument(1)) as QoS;
const payload = Sim.argument(2) === "bytes" ? countingBytes() : new Counting();
const topic = new Topic(TOPIC);
const properties = makeProperties();
const steady = new Steady();

function publish(): void {
  while (!steady.done && client.publish(topic, payload, qos, false, properties) !== WOULD_BLOCK) if (qos === 0) steady.count();
  if (steady.done && qos === 0) finish();
}

/** An empty message of QoS 1: when that is delivered, all before it is. */
function finish(): void {
  if (client.inflight === 0) client.publish(topic, new Uint8Array(0), 1);
}

function onDelivered(): void {
  if (qos > 0) steady.count();
  if (steady.done && client.inflight === 0) client.close();
  else publish();
}

const client = makeClient({ onConnect: publish, onWritable: publish, onDelivered });
client.connect();
