import Sim from "sim";
import { makeClient, TOPIC } from "./support/client.js";
import { Steady } from "./support/steady.js";

// Takes messages with a handler for each kind of filter, and one whose filter does not match. Any other message ends it.

const steady = new Steady();
let exact = 0;
let plus = 0;
let other = 0;

function finish(): void {
  Sim.report("handled", exact, plus, other);
  client.close();
}

const client = makeClient({ onMessage: finish });
client.subscribe(
  [
    { filter: TOPIC, qos: 2, handler: () => exact++ },
    { filter: "greenhouse/+/temperature/+", qos: 2, handler: () => plus++ },
    { filter: "greenhouse/2/#", qos: 2, handler: () => other++ },
    { filter: "greenhouse/#", qos: 2, handler: () => steady.count() },
  ],
  () => Sim.report("ready"),
);
client.connect();
