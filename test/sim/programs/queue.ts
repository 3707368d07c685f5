import { Topic } from "mqtt-xs";
import { Queue } from "mqtt-xs/queue";
import type { StoredSession } from "mqtt-xs/store";
import Sim from "sim";
import { DeviceClock } from "../../../hosts/device/index.js";
import { makeClient, payload, TOPIC } from "./support/client.js";
import { Steady } from "./support/steady.js";
import { stored } from "./support/stored.js";

// Publishes through a queue that always has messages waiting. Argument 1: where it has them, "memory" or "store".

const options = Sim.argument(1) === "store" ? stored() : {};
const topic = new Topic(TOPIC);
const bytes = payload();
const steady = new Steady();

function publish(): void {
  queue.drain();
  while (!steady.done && queue.publish(topic, bytes, 1));
  if (steady.done) client.close();
}

const client = makeClient({
  ...options,
  inflight: 2,
  onConnect: publish,
  onWritable: publish,
  onDelivered: () => {
    steady.count();
    publish();
  },
});
const session = (options as { session?: StoredSession }).session;
const queue = new Queue({ client, clock: new DeviceClock(), ...(session ? { session, messages: 8 } : { bytes: 600 }) });
publish();
client.connect();
