import { describe, expect, it, vi } from "vitest";
import { exploreOnNode } from "./explore-on-node.js";
import { exploreOnXs } from "./explore-on-xs.js";
import { type Finding, replayCommand } from "./finding.js";
import type { Protocol } from "./simulation/packets.js";
import { type ScenarioName, SCENARIOS } from "./simulation/scenario.js";
import { simulate } from "./simulation/simulation.js";
import type { Watch } from "./watch.js";

// They compute all the time: on a busy machine that takes as long as it takes.
vi.setConfig({ testTimeout: 600_000 });

// Short forms of `npm run powercut`, which cuts at every single step. The strides are primes, so that each kind of step comes.

const VERSIONS: readonly { readonly name: string; readonly protocol: Protocol }[] = [
  { name: "MQTT 3.1.1", protocol: 4 },
  { name: "MQTT 5.0", protocol: 5 },
];

const NAMES = Object.keys(SCENARIOS) as readonly ScenarioName[];

/** Collects what is found, each with the command that shows it. */
function watching(): Watch & { readonly findings: string[] } {
  const findings: string[] = [];
  return { findings, onFinding: (each: Finding) => findings.push(`${each.what}: ${replayCommand(each)}`) };
}

describe.each(VERSIONS)("$name: a device that loses power", ({ protocol }) => {
  it.each(NAMES)("has a scenario in which the journal wraps around, and all arrives: %s", (scenario) => {
    const { violations, reports, messages, erasures, steps } = simulate({ protocol, scenario });
    expect(violations).toEqual([]);
    expect(reports).toBe(0);
    expect(messages).toBe(SCENARIOS[scenario].outgoing + SCENARIOS[scenario].incoming);
    expect(erasures).toBeGreaterThan(3 * SCENARIOS[scenario].sectors);
    expect(steps["socket writes"]).toBeGreaterThan(100);
  });

  it.each(NAMES)("loses, repeats and reorders nothing, at whatever step it is: %s", async (scenario) => {
    const watch = watching();
    const tally = await exploreOnNode({ protocol, scenario, stride: 13, double: false }, watch);
    expect(watch.findings).toEqual([]);
    expect(tally.cuts).toBeGreaterThan(1_000);
    expect(tally.reports).toBeGreaterThan(tally.cuts / 3);
  });

  it("nor when it does so again on the way to recovery", async () => {
    const watch = watching();
    const tally = await exploreOnNode({ protocol, scenario: "usual", stride: 1_777, double: true }, watch);
    expect(watch.findings).toEqual([]);
    expect(tally.cuts).toBeGreaterThan(tally.runs * 1.8);
  });

  it("nor on the XS engine", async () => {
    const watch = watching();
    const tally = await exploreOnXs({ protocol, scenario: "usual", stride: 101, double: false }, watch);
    expect(watch.findings).toEqual([]);
    expect(tally.cuts).toBeGreaterThan(200);
  });
});

it("goes the same way on Node and on XS", async () => {
  const exploration = { protocol: 5, scenario: "tight", stride: 1_009, double: false } as const;
  const [onNode, onXs] = [await exploreOnNode(exploration, watching()), await exploreOnXs(exploration, watching())];
  expect(onXs.numbers).toEqual(onNode.numbers);
  expect(onXs.faultCount).toBe(0);
});
