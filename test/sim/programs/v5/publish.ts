import { type QoS, WOULD_BLOCK } from "mqtt-xs";
import { Properties, type ReceivedProperties, Topic } from "mqtt-xs/v5";
import Sim from "sim";
import { Steady } from "../support/steady.js";
import { makeClient, makeProperties, payload, TOPIC } from "./support/client.js";

// Publishes as fast as there is room, on topics that may have an alias, and reads all that acknowledgements say. Argument 1: the
// quality of service; argument 2: "yes" for messages with properties.

const qos = Number(Sim.argument(1)) as QoS;
const properties = Sim.argument(2) === "yes" ? makeProperties() : new Properties({});
const topics = [new Topic(TOPIC), new Topic("greenhouse/2/temperature/in")];
const bytes = payload();
const steady = new Steady();
let published = 0;
let reasons = 0;
let read = 0;

function publish(): void {
  while (!steady.done && client.publish(topics[published & 1], bytes, qos, false, properties) !== WOULD_BLOCK) {
    published++;
    if (qos === 0) steady.count();
  }
  if (steady.done && client.inflight === 0) finish();
}

function finish(): void {
  Sim.report("acknowledged", reasons, read);
  client.close();
}

function onDelivered(_identifier: number, reasonCode: number, received: ReceivedProperties): void {
  if (steady.done) {
    publish();
    return;
  }
  reasons += reasonCode;
  received.rewind();
  while (received.next()) read += received.end - received.start;
  steady.count();
  publish();
}

const client = makeClient({ onConnect: publish, onWritable: publish, onDelivered });
client.connect();
