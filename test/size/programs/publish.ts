import { Topic } from "mqtt-xs";
import Sim from "sim";
import Timer from "timer";
import { makeClient, payload, TOPIC } from "../../sim/programs/support/client.js";
import { Laps, unitsOf } from "./laps.js";

// Units to publish a message of QoS 0: of the statement `client.publish(topic, bytes)`, when all of it goes to the socket
// at once. The socket's `onWritable`, which tells later that the bytes have left, is a callback of its own.

/** Messages in one turn of the event loop: as many as surely find room in the socket. */
const BURST = 50;

const topic = new Topic(TOPIC);
const bytes = payload();
const laps = new Laps();

function publishBurst(): void {
  for (let count = 0; count < BURST; count++) {
    laps.mark(0);
    client.publish(topic, bytes);
    laps.mark(1);
  }
}

function finish(): void {
  const other = new Laps();
  laps.report(
    "publish",
    unitsOf(() => other.mark(0)),
  );
  Sim.exit();
}

const client = makeClient({
  onConnect: () =>
    Timer.repeat(() => {
      if (laps.complete) finish();
      publishBurst();
    }, 2),
});
client.connect();
