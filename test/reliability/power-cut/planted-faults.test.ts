import { describe, expect, it, vi } from "vitest";
import { type ExplorationOptions, explore } from "./simulation/exploration.js";
import type { Fault } from "./simulation/ledger.js";
import type { Protocol } from "./simulation/packets.js";
import { PLANTED_FAULTS } from "./simulation/planted-faults.js";
import type { ScenarioName } from "./simulation/scenario.js";

// They compute all the time: on a busy machine that takes as long as it takes.
vi.setConfig({ testTimeout: 600_000 });

const PROTOCOLS: readonly Protocol[] = [4, 5];

interface Consequence {
  readonly name: keyof typeof PLANTED_FAULTS;
  readonly fault: Fault;
  /** One in which it shows soon. Default: the usual one. */
  readonly scenario?: ScenarioName;
  /** So that there are many cuts that show it; the first one ends the search. Default 7. */
  readonly stride?: number;
}

/** What a store that is wrong in this way must have messages do. */
const CONSEQUENCES: readonly Consequence[] = [
  { name: "erases nothing", fault: "resurrected" },
  { name: "writes late", fault: "lost" },
  { name: "writes late", fault: "duplicated" },
  { name: "keeps no releases", fault: "duplicated" },
  { name: "keeps no received identifiers", fault: "duplicated" },
  { name: "keeps no origins", fault: "duplicated", scenario: "tight", stride: 3 },
  { name: "reverses the order", fault: "out of order" },
];

describe.each(PROTOCOLS)("protocol %i: the simulation finds", (protocol) => {
  it.each(CONSEQUENCES)("a store that $name: messages $fault", ({ name, fault, scenario = "usual", stride = 7 }) => {
    expect(faultsFound({ protocol, scenario, stride, disturb: PLANTED_FAULTS[name] }, fault)).toContain(fault);
  });
});

/** The faults found until this one is among them. */
function faultsFound(options: ExplorationOptions, wanted: Fault): Fault[] {
  const found = new Set<Fault>();
  for (const { outcome } of explore(options)) {
    for (const { fault } of outcome.violations) found.add(fault);
    if (found.has(wanted)) break;
  }
  return [...found];
}
