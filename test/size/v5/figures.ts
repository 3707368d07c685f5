import { acknowledging } from "../../sim/v5/support/server.js";
import { codeSize, type CodeSize } from "../../../hosts/sim/runner.js";
import { type Cost, costOf, difference } from "../costs.js";
import { pathOf, report } from "../report.js";
import type { Units } from "../units.js";
import { type Kind, unitsToAcknowledge, unitsToPublish, unitsToReceive } from "./units.js";

/** Metering units of one operation: by itself, with a topic alias, with properties, and with both. */
export interface UnitsByKind {
  readonly plain: Units;
  readonly alias: Units;
  readonly properties: Units;
  readonly both: Units;
}

/** What is measured of MQTT 5.0 on XS. */
export interface Figures5 {
  /** Bytecode of both clients, 3.1.1's and 5.0's, and the device's transport and clock. */
  readonly bytecode: CodeSize;
  /** The same with `mqtt-xs/request`. */
  readonly withRequest: CodeSize;
  readonly connection: Cost;
  /** A `Topic` of 27 bytes, `Properties` of 36 bytes. */
  readonly topic: Cost;
  readonly properties: Cost;
  /** One more of `topicAliases`; one more of `topicAliasMaximum`, with a `topicAliasSize` of 64. */
  readonly outgoingAlias: Cost;
  readonly incomingAlias: Cost;
  readonly units: { readonly publish: UnitsByKind; readonly receive: UnitsByKind; readonly acknowledge: Units };
}

/** Measures them all. */
export async function measureFigures5(): Promise<Figures5> {
  const reports = await report("v5/costs", { answer: acknowledging() });
  const cost = (name: string): Cost => costOf(reports, name);
  return {
    bytecode: await codeSize(pathOf("v5/bytecode")),
    withRequest: await codeSize(pathOf("v5/bytecode-request")),
    connection: costOf(await report("connection", { answer: acknowledging(), arguments: ["5"] }), "connection"),
    topic: cost("topic"),
    properties: cost("properties"),
    outgoingAlias: difference(cost("topicAliases.1008"), cost("topicAliases.8"), 1_000),
    incomingAlias: difference(cost("topicAliasMaximum.100"), cost("topicAliasMaximum.0"), 100),
    units: {
      publish: await byKind(unitsToPublish),
      receive: await byKind(unitsToReceive),
      acknowledge: await unitsToAcknowledge(),
    },
  };
}

async function byKind(measure: (kind: Kind) => Promise<Units>): Promise<UnitsByKind> {
  return {
    plain: await measure({}),
    alias: await measure({ alias: true }),
    properties: await measure({ properties: true }),
    both: await measure({ alias: true, properties: true }),
  };
}
