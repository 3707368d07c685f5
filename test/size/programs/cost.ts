import Sim from "sim";

let kept: unknown[] = [];

/**
 * Tells the runner the slots and bytes of chunks that one thing takes for as long as it is there, by making it twice: the
 * first time is for what is shared.
 */
export function cost(name: string, make: () => unknown): void {
  kept = [make(), undefined];
  Sim.collect();
  const slots = Sim.slotsInUse();
  const chunkBytes = Sim.chunkBytesInUse();
  kept[1] = make();
  Sim.collect();
  Sim.report(name, Sim.slotsInUse() - slots, Sim.chunkBytesInUse() - chunkBytes);
  kept = [];
}
