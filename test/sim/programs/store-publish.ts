import { type QoS, Topic } from "mqtt-xs";
import Sim from "sim";
import { Laps, unitsOf } from "../../size/programs/laps.js";
import { payload, TOPIC } from "./support/client.js";
import { Steady } from "./support/steady.js";
import { makeStoredClient } from "./support/stored.js";

// Publishes one message after the other, each stored until it is delivered. Argument 1: the quality of service.

const qos = Number(Sim.argument(1)) as QoS;
const topic = new Topic(TOPIC);
const bytes = payload();
const steady = new Steady();
const laps = new Laps();

function finish(): void {
  const other = new Laps();
  laps.report(
    "units",
    unitsOf(() => other.mark(1)),
  );
  client.close();
}

function next(): void {
  if (steady.done) finish();
  else client.publish(topic, bytes, qos);
}

const client = makeStoredClient({
  onConnect: () => {
    laps.mark(0);
    next();
  },
  onDelivered: () => {
    laps.mark(1);
    steady.count();
    next();
  },
});
client.connect();
