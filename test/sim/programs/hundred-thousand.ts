import { Topic, WOULD_BLOCK } from "mqtt-xs";
import Sim from "sim";
import { makeClient, payload, TOPIC } from "./support/client.js";

// Delivers 100,000 messages of QoS 1, four of them on their way at any time.

const MESSAGES = 100_000;

const topic = new Topic(TOPIC);
const bytes = payload();
let published = 0;
let delivered = 0;
let collections = 0;

function publish(): void {
  while (published < MESSAGES && client.publish(topic, bytes, 1) !== WOULD_BLOCK) published++;
}

function onConnect(): void {
  collections = Sim.collections();
  publish();
}

function onDelivered(): void {
  delivered++;
  publish();
  if (delivered < MESSAGES) return;
  Sim.report("delivered", delivered, Sim.collections() - collections);
  client.close();
}

const client = makeClient({ onConnect, onDelivered });
client.connect();
