import Sim from "sim";
import { explore } from "../../reliability/power-cut/simulation/exploration.js";
import { ENDINGS } from "../../reliability/power-cut/simulation/power.js";
import { simulate } from "../../reliability/power-cut/simulation/simulation.js";
import { Tally } from "../../reliability/power-cut/simulation/tally.js";

// Cuts the power of a simulated device. Arguments: "explore", the protocol, the stride, and 1 to cut twice, 0 otherwise; or
// "replay", the protocol, the way in which it ends, and the cuts, to trace what happens. Reports how far it is, every run with
// a violation, and the tally in the end.

const numbers = Array.from({ length: Sim.argumentCount - 1 }, (_, index) => Number(Sim.argument(index + 1)));
const protocol = numbers[0] === 5 ? 5 : 4;

function exploreAll(stride: number, double: boolean): Tally {
  const tally = new Tally(simulate({ protocol }).steps);
  let percent = 0;
  for (const { cuts, ending, outcome, progress } of explore({ protocol, stride, double })) {
    tally.add(outcome);
    for (const { what } of outcome.violations) Sim.report(`violation:${what.replaceAll(" ", "_")}`, ending, ...cuts);
    if (progress * 100 > percent) Sim.report("percent", percent++);
  }
  return tally;
}

function replay(ending: number, ...cuts: readonly number[]): Tally {
  const tally = new Tally(simulate({ protocol }).steps);
  const outcome = simulate({ protocol, cuts, ending: ENDINGS[ending], trace: (line) => trace(line, "\n") });
  tally.add(outcome);
  for (const { what } of outcome.violations) Sim.report(`violation:${what.replaceAll(" ", "_")}`, ending, ...cuts);
  return tally;
}

const [, first, ...rest] = numbers;
const tally = Sim.argument(0) === "replay" ? replay(first, ...rest) : exploreAll(first, rest[0] === 1);
Sim.report("tally", ...tally.numbers);
