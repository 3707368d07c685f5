import { Topic } from "mqtt-xs";
import Sim from "sim";
import { makeClient, TOPIC } from "./support/client.js";
import { Counting } from "./support/large.js";

// Answers the first message with one that is larger than the socket's send buffer, and tells of every connection; the third ends it.

const topic = new Topic(TOPIC);
const large = new Counting();
let connections = 0;

function onConnect(): void {
  Sim.report("connected", ++connections);
  if (connections === 3) client.close();
}

function onMessage(): void {
  if (client.inflight === 0) client.publish(topic, large, 1);
}

const client = makeClient({ clientId: "cut", clean: false, keepalive: 10, packetSize: 256, reconnectPeriod: 10, onConnect, onMessage });
client.connect();
