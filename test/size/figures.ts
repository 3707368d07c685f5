import { codeSize, type CodeSize } from "../../hosts/sim/runner.js";
import { type Costs, measureCosts } from "./costs.js";
import { pathOf } from "./report.js";
import { type Units, unitsToAcknowledge, unitsToPublish, unitsToReceive } from "./units.js";

/** All that is measured on XS. */
export interface Figures {
  /** Bytecode of the 3.1.1 client and the device's transport and clock. */
  readonly bytecode: CodeSize;
  readonly costs: Costs;
  /** Metering units of one operation, with a topic of 27 bytes and a payload of 32. */
  readonly units: {
    readonly publish: Units;
    readonly receive: Units;
    readonly acknowledge: Units;
  };
}

/** Measures on XS, which takes some seconds. */
export async function measureFigures(): Promise<Figures> {
  return {
    bytecode: await codeSize(pathOf("bytecode")),
    costs: await measureCosts(),
    units: { publish: await unitsToPublish(), receive: await unitsToReceive(), acknowledge: await unitsToAcknowledge() },
  };
}
