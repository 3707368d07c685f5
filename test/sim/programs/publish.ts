import { type QoS, Topic, WOULD_BLOCK } from "mqtt-xs";
import Sim from "sim";
import { makeClient, payload, TOPIC } from "./support/client.js";
import { Steady } from "./support/steady.js";

// Publishes as fast as there is room. Argument 1: the quality of service.

const qos = Number(Sim.argument(1)) as QoS;
const topic = new Topic(TOPIC);
const bytes = payload();
const steady = new Steady();

function publish(): void {
  while (!steady.done && client.publish(topic, bytes, qos) !== WOULD_BLOCK) if (qos === 0) steady.count();
  if (steady.done) client.close();
}

const client = makeClient({
  onConnect: publish,
  onWritable: publish,
  onDelivered: () => {
    steady.count();
    publish();
  },
});
client.connect();
