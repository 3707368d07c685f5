import { fileURLToPath } from "node:url";
import { codeSize, type CodeSize } from "../../hosts/sim/runner.js";
import { type Costs, measureCosts } from "./costs.js";
import { pathOf } from "./report.js";
import { type Figures5, measureFigures5 } from "./v5/figures.js";
import { type Units, unitsToAcknowledge, unitsToPublish, unitsToReceive } from "./units.js";

/** All that is measured on XS. */
export interface Figures {
  /** Bytecode of the 3.1.1 client and the device's transport and clock. */
  readonly bytecode: CodeSize;
  /** Bytecode of what a firmware may have beside it or, in the case of the class, instead: each with all that it needs. */
  readonly additions: {
    readonly websocket: CodeSize;
    readonly ecma419: CodeSize;
    readonly scram: CodeSize;
  };
  /** Bytecode of the client with a stored session, and of both with a queue. */
  readonly withStore: CodeSize;
  readonly withQueue: CodeSize;
  readonly costs: Costs;
  /** Metering units of one operation, with a topic of 27 bytes and a payload of 32. */
  readonly units: {
    readonly publish: Units;
    readonly receive: Units;
    readonly acknowledge: Units;
  };
  /** The same of MQTT 5.0. */
  readonly v5: Figures5;
}

/** Measures on XS, which takes some seconds. */
export async function measureFigures(): Promise<Figures> {
  return {
    bytecode: await codeSize(pathOf("bytecode")),
    additions: {
      websocket: await codeSizeOf("src/websocket.ts"),
      ecma419: await codeSizeOf("hosts/device/ecma419.ts"),
      scram: await codeSizeOf("src/scram-sha-256.ts"),
    },
    withStore: await codeSize(pathOf("bytecode-store")),
    withQueue: await codeSize(pathOf("bytecode-queue")),
    costs: await measureCosts(),
    units: { publish: await unitsToPublish(), receive: await unitsToReceive(), acknowledge: await unitsToAcknowledge() },
    v5: await measureFigures5(),
  };
}

function codeSizeOf(path: string): Promise<CodeSize> {
  return codeSize(fileURLToPath(new URL(`../../${path}`, import.meta.url)));
}
