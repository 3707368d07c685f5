import Sim from "sim";
import { Laps, unitsOf } from "../../size/programs/laps.js";
import { Steady } from "./support/steady.js";
import { makeStoredClient } from "./support/stored.js";

// Takes messages of QoS 2, whose identifiers are stored until their PUBREL, up to the one that ends it.

const steady = new Steady();
const laps = new Laps();
let isOver = false;

function finish(): void {
  const other = new Laps();
  laps.report(
    "units",
    unitsOf(() => other.mark(1)),
  );
  client.close();
}

const client = makeStoredClient({
  onMessage: () => {
    if (!laps.complete) laps.mark(1);
    steady.count();
    if (isOver) finish();
    isOver = steady.done;
  },
});
client.subscribe({ filter: "#", qos: 2 }, () => Sim.report("ready"));
client.connect();
