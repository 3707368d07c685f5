import Sim from "sim";
import { makeClient, TOPIC } from "../../../sim/programs/v5/support/client.js";
import { Laps, unitsOf } from "../laps.js";

// Units to receive a message of QoS 0, as ../receive.ts measures them. Argument 1: the aliases that the server may use.

const laps = new Laps();

const handler = (counted: Laps, name: string) => (): void => {
  counted.mark(1);
  if (counted.complete) finish();
  else Sim.report(name);
};

function finish(): void {
  laps.report("v5/receive", unitsOf(handler(new Laps(), "calibration")));
  Sim.exit();
}

const client = makeClient({ topicAliasMaximum: Number(Sim.argument(1)), topicAliasSize: 64 });
client.subscribe({ filter: TOPIC, handler: handler(laps, "next") }, () => Sim.report("next"));
client.connect();
