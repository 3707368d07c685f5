import { Topic as PlainTopic } from "mqtt-xs";
import { Topic } from "mqtt-xs/v5";
import Sim from "sim";
import Timer from "timer";
import { makeClient, makeProperties, payload, TOPIC } from "../../../sim/programs/v5/support/client.js";
import { Laps, unitsOf } from "../laps.js";

// Units to publish a message of QoS 0, as ../publish.ts measures them. Arguments, "yes" or "no": whether the topic has an alias,
// which the server knows, and whether there are properties.

const BURST = 20;

const topic = Sim.argument(1) === "yes" ? new Topic(TOPIC) : new PlainTopic(TOPIC);
const properties = makeProperties();
const bytes = payload();
const laps = new Laps();

function publishPlain(): void {
  for (let count = 0; count < BURST; count++) {
    laps.mark(0);
    client.publish(topic, bytes);
    laps.mark(1);
  }
}

function publishWithProperties(): void {
  for (let count = 0; count < BURST; count++) {
    laps.mark(0);
    client.publish(topic, bytes, 0, false, properties);
    laps.mark(1);
  }
}

function finish(): void {
  const other = new Laps();
  laps.report(
    "v5/publish",
    unitsOf(() => other.mark(0)),
  );
  Sim.exit();
}

const client = makeClient({
  onConnect: () =>
    Timer.repeat(() => {
      if (laps.complete) finish();
      if (Sim.argument(2) === "yes") publishWithProperties();
      else publishPlain();
    }, 2),
});
client.connect();
