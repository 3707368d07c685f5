import Sim from "sim";
import { explore } from "../../reliability/power-cut/simulation/exploration.js";
import { ENDINGS } from "../../reliability/power-cut/simulation/power.js";
import { simulate } from "../../reliability/power-cut/simulation/simulation.js";
import { Tally } from "../../reliability/power-cut/simulation/tally.js";

// Cuts the power of a simulated device. Arguments: "explore", the scenario, the protocol, the stride, and 1 to cut twice, 0
// otherwise; or "replay", the scenario, the protocol, the way in which it ends, and the cuts, to trace what happens. Reports how
// far it is, every run with a violation, and the tally in the end.

const scenario = Sim.argument(1) === "tight" ? "tight" : "usual";
const protocol = Sim.argument(2) === "5" ? 5 : 4;
const numbers = Array.from({ length: Sim.argumentCount - 3 }, (_, index) => Number(Sim.argument(index + 3)));

function exploreAll(stride: number, double: boolean): Tally {
  const tally = new Tally(simulate({ protocol, scenario }).steps);
  let percent = 0;
  for (const { cuts, ending, outcome, progress } of explore({ protocol, scenario, stride, double })) {
    tally.add(outcome);
    for (const { what } of outcome.violations) Sim.report(`violation:${what.replaceAll(" ", "_")}`, ending, ...cuts);
    if (progress * 100 > percent) Sim.report("percent", percent++);
  }
  return tally;
}

function replay(ending: number, ...cuts: readonly number[]): Tally {
  const tally = new Tally(simulate({ protocol, scenario }).steps);
  const outcome = simulate({ protocol, scenario, cuts, ending: ENDINGS[ending], trace: (line) => trace(line, "\n") });
  tally.add(outcome);
  for (const { what } of outcome.violations) Sim.report(`violation:${what.replaceAll(" ", "_")}`, ending, ...cuts);
  return tally;
}

const [first, ...rest] = numbers;
const tally = Sim.argument(0) === "replay" ? replay(first, ...rest) : exploreAll(first, rest[0] === 1);
Sim.report("tally", ...tally.numbers);
