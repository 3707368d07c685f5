import Instrumentation from "instrumentation";
import Sim from "sim";
import { Wire } from "../play/wire.js";

/** Units of the engine's meter that each byte from the server may take. */
const UNITS_PER_BYTE = 400;

const STACK = Instrumentation.map("XS Stack Used");

/** Bytes of the engine's stack that are in use. */
export function stackInUse(): number {
  return Instrumentation.get(STACK) ?? 0;
}

/** A wire that meters what the server's bytes have the client do. */
export class MeteredWire extends Wire {
  /** The most units that one call took beyond those that its bytes may take. */
  mostUnits = 0;
  /** The most bytes of stack between a call and what the client then does with its transport. */
  mostStack = 0;
  #stack = Infinity;

  protected override arrive(): void {
    const allowed = this.unread * UNITS_PER_BYTE;
    this.#stack = stackInUse();
    const before = Sim.meter();
    super.arrive();
    this.mostUnits = Math.max(this.mostUnits, ((Sim.meter() - before) >>> 0) - allowed);
    this.#stack = Infinity;
  }

  protected sent(): void {
    this.mostStack = Math.max(this.mostStack, stackInUse() - this.#stack);
  }

  protected ended(): void {
    this.mostStack = Math.max(this.mostStack, stackInUse() - this.#stack);
  }
}
