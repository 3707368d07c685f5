import { Topic } from "mqtt-xs";
import Sim from "sim";
import { makeClient, payload, TOPIC } from "../../sim/programs/support/client.js";
import { Laps, unitsOf } from "./laps.js";

// Units to take a PUBACK: from one call of `onDelivered` to the next, without what that itself does, while a batch of
// messages is acknowledged. The peer sends each PUBACK by itself, when it is told to past the socket, so that all of one
// socket callback lies in between. The first of a batch does not count: the batch was published before it.

const BATCH = 4;

const topic = new Topic(TOPIC);
const bytes = payload();
const laps = new Laps();

const delivered = (counted: Laps, name: string) => (): void => {
  counted.mark(client.inflight < BATCH - 1 ? 1 : 0);
  if (counted.complete) finish();
  else if (client.inflight > 0) Sim.report(name);
  else publishBatch();
};

function publishBatch(): void {
  for (let count = 0; count < BATCH; count++) client.publish(topic, bytes, 1);
}

/** In the midst of a batch, so that the callback takes the same way as those that were measured. */
function finish(): void {
  laps.report("acknowledge", unitsOf(delivered(new Laps(), "calibration")));
  Sim.exit();
}

const client = makeClient({ inflight: BATCH, onConnect: publishBatch, onDelivered: delivered(laps, "next") });
client.connect();
