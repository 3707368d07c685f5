import { Topic as PlainTopic } from "mqtt-xs";
import { Topic } from "mqtt-xs/v5";
import Sim from "sim";
import { makeClient, makeProperties, payload, TOPIC } from "../../../sim/programs/v5/support/client.js";
import { Laps, unitsOf } from "../laps.js";

// Units to take a PUBACK, as ../acknowledge.ts measures them. Arguments, "yes" or "no": whether the messages had a topic
// with an alias, and whether they had properties.

const BATCH = 4;

const topic = Sim.argument(1) === "yes" ? new Topic(TOPIC) : new PlainTopic(TOPIC);
const properties = Sim.argument(2) === "yes" ? makeProperties() : undefined;
const bytes = payload();
const laps = new Laps();

const delivered = (counted: Laps, name: string) => (): void => {
  counted.mark(client.inflight < BATCH - 1 ? 1 : 0);
  if (counted.complete) finish();
  else if (client.inflight > 0) Sim.report(name);
  else publishBatch();
};

function publishBatch(): void {
  for (let count = 0; count < BATCH; count++) client.publish(topic, bytes, 1, false, properties);
}

/** In the midst of a batch, so that the callback takes the same way as those that were measured. */
function finish(): void {
  laps.report("v5/acknowledge", unitsOf(delivered(new Laps(), "calibration")));
  Sim.exit();
}

const client = makeClient({ inflight: BATCH, onConnect: publishBatch, onDelivered: delivered(laps, "next") });
client.connect();
