import Sim from "sim";
import { makeClient, TOPIC } from "../../sim/programs/support/client.js";
import { Laps, unitsOf } from "./laps.js";

// Units to receive a message of QoS 0: from one call of its handler to the next, without what the handler itself does. The
// peer sends each message by itself, when it is told to past the socket. So nothing lies between two calls but the way out
// of one socket callback and the way into the next: together all of one callback.

const laps = new Laps();

const handler = (counted: Laps, name: string) => (): void => {
  counted.mark(1);
  if (counted.complete) finish();
  else Sim.report(name);
};

function finish(): void {
  laps.report("receive", unitsOf(handler(new Laps(), "calibration")));
  Sim.exit();
}

const client = makeClient({});
client.subscribe({ filter: Sim.argument(1) ?? TOPIC, handler: handler(laps, "next") }, () => Sim.report("next"));
client.connect();
