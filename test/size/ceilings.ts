import type { Figures } from "./figures.js";

/** A figure that has a ceiling. */
export interface Limited {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly ceiling: number;
  /** Where it is to get to, when that is below what holds today. */
  readonly goal?: number;
}

/** What is held below a ceiling; of units that vary, the most counts. */
export function limited({ bytecode, costs, units }: Figures): readonly Limited[] {
  return [
    { name: "bytecode of client and device transport", unit: "bytes", value: bytecode.total, ceiling: 27_800, goal: 16_384 },
    { name: "heap beyond the buffers, connected", unit: "slots", value: costs.connection.slots, ceiling: 300 },
    { name: "publish QoS 0", unit: "units", value: units.publish.most, ceiling: 450 },
    { name: "receive, check and route QoS 0", unit: "units", value: units.receive.most, ceiling: 1_600 },
    { name: "take a PUBACK", unit: "units", value: units.acknowledge.most, ceiling: 550, goal: 400 },
  ];
}

/** Whether a figure is over its ceiling. */
export function isOver({ value, ceiling }: Limited): boolean {
  return value > ceiling;
}
