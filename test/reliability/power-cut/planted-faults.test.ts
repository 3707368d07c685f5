import { describe, expect, it, vi } from "vitest";
import { explore } from "./simulation/exploration.js";
import type { Fault } from "./simulation/ledger.js";
import type { Protocol } from "./simulation/packets.js";
import { PLANTED_FAULTS } from "./simulation/planted-faults.js";

// They compute all the time: on a busy machine that takes as long as it takes.
vi.setConfig({ testTimeout: 600_000 });

const PROTOCOLS: readonly Protocol[] = [4, 5];

/** What a store that is wrong in this way must have messages do. */
const CONSEQUENCES: readonly { readonly name: keyof typeof PLANTED_FAULTS; readonly fault: Fault }[] = [
  { name: "erases nothing", fault: "resurrected" },
  { name: "writes late", fault: "lost" },
  { name: "writes late", fault: "duplicated" },
  { name: "keeps no releases", fault: "duplicated" },
  { name: "keeps no received identifiers", fault: "duplicated" },
  { name: "keeps no origins", fault: "duplicated" },
  { name: "reverses the order", fault: "out of order" },
];

describe.each(PROTOCOLS)("protocol %i: the simulation finds", (protocol) => {
  it.each(CONSEQUENCES)("a store that $name: messages $fault", ({ name, fault }) => {
    expect(faultsFound(protocol, name, fault)).toContain(fault);
  });
});

/** The faults found until this one is among them. */
function faultsFound(protocol: Protocol, name: string, wanted: Fault): Fault[] {
  const found = new Set<Fault>();
  for (const { outcome } of explore({ protocol, stride: 29, disturb: PLANTED_FAULTS[name] })) {
    for (const { fault } of outcome.violations) found.add(fault);
    if (found.has(wanted)) break;
  }
  return [...found];
}
