import { type QoS, Topic } from "mqtt-xs";
import Sim from "sim";
import { makeClient, payload, TOPIC } from "./support/client.js";
import { publishOneByOne } from "./support/one-by-one.js";
import { stored } from "./support/stored.js";

// Publishes messages that are stored until they are delivered. Argument 1: the quality of service.

const qos = Number(Sim.argument(1)) as QoS;
const topic = new Topic(TOPIC);
const bytes = payload();

publishOneByOne(
  (events) => makeClient({ ...stored(), ...events }),
  (client) => client.publish(topic, bytes, qos),
);
