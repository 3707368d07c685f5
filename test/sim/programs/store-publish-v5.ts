import type { QoS } from "mqtt-xs";
import { Topic } from "mqtt-xs/v5";
import Sim from "sim";
import { publishOneByOne } from "./support/one-by-one.js";
import { stored } from "./support/stored.js";
import { makeClient, makeProperties, payload, TOPIC } from "./v5/support/client.js";

// Publishes messages with properties that are stored until they are delivered. Argument 1: the quality of service.

const qos = Number(Sim.argument(1)) as QoS;
const topic = new Topic(TOPIC);
const bytes = payload();
const properties = makeProperties();

publishOneByOne(
  (events) => makeClient({ ...stored(), ...events }),
  (client) => client.publish(topic, bytes, qos, false, properties),
);
