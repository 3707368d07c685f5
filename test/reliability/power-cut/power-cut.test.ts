import { describe, expect, it } from "vitest";
import { exploreOnNode } from "./explore-on-node.js";
import { exploreOnXs } from "./explore-on-xs.js";
import { type Finding, replayCommand } from "./finding.js";
import type { Protocol } from "./simulation/packets.js";
import { simulate } from "./simulation/simulation.js";
import type { Watch } from "./watch.js";

// Short forms of `npm run powercut`, which cuts at every single step. The strides are primes, so that each kind of step comes.

const VERSIONS: readonly { readonly name: string; readonly protocol: Protocol }[] = [
  { name: "MQTT 3.1.1", protocol: 4 },
  { name: "MQTT 5.0", protocol: 5 },
];

/** Collects what is found, each with the command that shows it. */
function watching(): Watch & { readonly findings: string[] } {
  const findings: string[] = [];
  return { findings, onFinding: (each: Finding) => findings.push(`${each.what}: ${replayCommand(each)}`) };
}

describe.each(VERSIONS)("$name: a device that loses power", ({ protocol }) => {
  it("has a scenario in which the journal wraps around, and all arrives", () => {
    const { violations, reports, messages, erasures, steps } = simulate({ protocol });
    expect(violations).toEqual([]);
    expect(reports).toBe(0);
    expect(messages).toBe(110);
    expect(erasures).toBeGreaterThan(3 * 3);
    expect(steps["socket writes"]).toBeGreaterThan(100);
  });

  it("loses, repeats and reorders nothing, at whatever step it is", async () => {
    const watch = watching();
    const tally = await exploreOnNode({ protocol, stride: 5 }, watch);
    expect(watch.findings).toEqual([]);
    expect(tally.cuts).toBeGreaterThan(2_000);
    expect(tally.reports).toBeGreaterThan(tally.cuts / 2);
  });

  it("nor when it does so again on the way to recovery", async () => {
    const watch = watching();
    const tally = await exploreOnNode({ protocol, stride: 1_009, double: true }, watch);
    expect(watch.findings).toEqual([]);
    expect(tally.cuts).toBeGreaterThan(tally.runs * 1.8);
  });

  it("nor on the XS engine", async () => {
    const watch = watching();
    const tally = await exploreOnXs({ protocol, stride: 101 }, watch);
    expect(watch.findings).toEqual([]);
    expect(tally.cuts).toBeGreaterThan(100);
  });
});

it("goes the same way on Node and on XS", async () => {
  const [onNode, onXs] = [
    await exploreOnNode({ protocol: 5, stride: 1_009 }, watching()),
    await exploreOnXs({ protocol: 5, stride: 1_009 }, watching()),
  ];
  expect(onXs.numbers).toEqual(onNode.numbers);
});
