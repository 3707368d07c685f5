import type { Figures } from "./figures.js";
import type { Units } from "./units.js";

/** A figure that has a ceiling. */
export interface Limited {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly ceiling: number;
  /** Where it is to get to, when that is below what holds today. */
  readonly goal?: number;
}

/** Bytes of the bytecode of 3.1.1 before there was MQTT 5.0, and how many more a device that stays with it may pay for that. */
const BEFORE_5 = 27_660;
const MAXIMUM_GROWTH = 200;
/**
 * And for losing nothing: a place for a stored session, keep alive over a sleep, a socket that fails while it has no room,
 * credentials that wait for room. `mqtt-xs/store` itself is beside it.
 */
const LOSING_NOTHING = 530;
const LOSING_NOTHING_IN_5 = 20;
const MAXIMUM_BYTECODE = BEFORE_5 + MAXIMUM_GROWTH + LOSING_NOTHING;

/** How many times what the same operation takes in 3.1.1 it may take in 5.0. */
const FACTOR = 1.25;

/** What is held below a ceiling; of units that vary, the most counts. */
export function limited({ bytecode, costs, units, v5 }: Figures): readonly Limited[] {
  const { publish, receive, acknowledge } = v5.units;
  const on5 = v5.bytecode.total - bytecode.total;
  return [
    { name: "bytecode of client and device transport", unit: "bytes", value: bytecode.total, ceiling: MAXIMUM_BYTECODE, goal: 16_384 },
    { name: "heap beyond the buffers, connected", unit: "slots", value: costs.connection.slots, ceiling: 300 },
    { name: "publish QoS 0", unit: "units", value: units.publish.most, ceiling: 455 },
    { name: "receive, check and route QoS 0", unit: "units", value: units.receive.most, ceiling: 1_600 },
    { name: "take a PUBACK", unit: "units", value: units.acknowledge.most, ceiling: 550, goal: 400 },
    { name: "MQTT 5.0: bytecode on top of that", unit: "bytes", value: on5, ceiling: 26_420 + LOSING_NOTHING_IN_5, goal: 10_240 },
    { name: "MQTT 5.0: heap beyond the buffers, connected", unit: "slots", value: v5.connection.slots, ceiling: 350 },
    { name: "MQTT 5.0: publish QoS 0", unit: "units", value: publish.plain.most, ceiling: quarterMore(units.publish) },
    { name: "– with a topic alias", unit: "units", value: publish.alias.most, ceiling: quarterMore(units.publish) },
    { name: "MQTT 5.0: receive, check and route QoS 0", unit: "units", value: receive.plain.most, ceiling: quarterMore(units.receive) },
    { name: "– with a topic alias", unit: "units", value: receive.alias.most, ceiling: quarterMore(units.receive) },
    { name: "MQTT 5.0: take a PUBACK", unit: "units", value: acknowledge.most, ceiling: quarterMore(units.acknowledge) },
  ];
}

function quarterMore(units: Units): number {
  return Math.floor(FACTOR * units.most);
}

/** Whether a figure is over its ceiling. */
export function isOver({ value, ceiling }: Limited): boolean {
  return value > ceiling;
}
