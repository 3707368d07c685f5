import type { Counters, DeviceEvent, RunEvent } from "./events.js";
import type { ProtocolVersion } from "./protocol-version.js";
import { describeReason } from "./reason-codes.js";

/** Deliveries after each CONNACK that are not counted as steady. */
export const WARM_UP = 5;

/** How many values the sparklines have to choose from. */
const HISTORY = 60;

/** What runs where; known from the start. */
export interface Setting {
  readonly protocol: ProtocolVersion;
  readonly host: "sim" | "node";
  /** The broker, as shown to people. */
  readonly broker: string;
  /** `Infinity` for no end. */
  readonly count: number;
  readonly interval: number;
  /** Bytes of the device's heap; null where it is not limited. */
  readonly heapBytes: number | null;
}

/** What was allocated and collected between deliveries, once warm: connecting takes memory, and may. */
export interface Steady {
  readonly messages: number;
  readonly slots: number;
  readonly chunkBytes: number;
  readonly collections: number;
}

/** Everything that is known of a run so far. */
export interface Progress extends Setting {
  readonly connection: "starting" | "connected" | "disconnected" | "finished";
  /** Why the latest connection, or attempt, ended. */
  readonly problem: string | undefined;
  readonly published: number;
  readonly acknowledged: number;
  /** By the broker, with this reason code at last. */
  readonly refused: number;
  readonly refusal: number;
  readonly received: number;
  readonly repeated: number;
  readonly corrupted: number;
  /** What the latest reading came with beside its payload, in words; undefined with MQTT 3.1.1. */
  readonly properties: string | undefined;
  readonly temperatures: readonly number[];
  readonly humidities: readonly number[];
  readonly batteries: readonly number[];
  readonly roundTrips: readonly number[];
  readonly longestRoundTrip: number;
  readonly counters: Counters | undefined;
  readonly slotsInUse: readonly number[];
  readonly chunkBytesInUse: readonly number[];
  readonly steady: Steady;
  /** Deliveries since the latest CONNACK. */
  readonly sinceConnect: number;
}

/** Nothing has happened yet. */
export function initialProgress(setting: Setting): Progress {
  return {
    ...setting,
    connection: "starting",
    problem: undefined,
    published: 0,
    acknowledged: 0,
    refused: 0,
    refusal: 0,
    received: 0,
    repeated: 0,
    corrupted: 0,
    properties: undefined,
    temperatures: [],
    humidities: [],
    batteries: [],
    roundTrips: [],
    longestRoundTrip: 0,
    counters: undefined,
    slotsInUse: [],
    chunkBytesInUse: [],
    steady: { messages: 0, slots: 0, chunkBytes: 0, collections: 0 },
    sinceConnect: 0,
  };
}

/** What is known after `event`. */
export function advance(progress: Progress, event: RunEvent): Progress {
  switch (event.type) {
    case "connected":
      return { ...progress, connection: "connected", problem: undefined, sinceConnect: 0 };
    case "disconnected":
      return { ...progress, connection: "disconnected", problem: event.message };
    case "reading":
      return {
        ...progress,
        temperatures: recent(progress.temperatures, event.temperature),
        humidities: recent(progress.humidities, event.humidity),
        batteries: recent(progress.batteries, event.battery),
      };
    case "published":
      return { ...progress, published: progress.published + 1 };
    case "delivered":
      return advanceDelivered(progress, event);
    case "received":
      return { ...progress, received: progress.received + 1, properties: event.properties };
    case "repeated":
      return { ...progress, repeated: progress.repeated + 1 };
    case "corrupted":
      return { ...progress, corrupted: progress.corrupted + 1, problem: event.reason };
    case "refused":
      return { ...progress, refused: progress.refused + 1, refusal: event.reasonCode, problem: describeRefusedReading(event) };
    case "interval":
      return { ...progress, interval: event.milliseconds };
    case "finished":
      return { ...progress, connection: "finished" };
  }
}

/** A reading that the broker refused, in one line. */
export function describeRefusedReading({ sequence, reasonCode }: Extract<DeviceEvent, { type: "refused" }>): string {
  return `the broker refused reading ${sequence}: ${describeReason(reasonCode)}`;
}

/** Whether something was published, and all of it has arrived intact and is acknowledged. */
export function isComplete(progress: Progress): boolean {
  const { published, acknowledged, received, corrupted } = progress;
  return published > 0 && published === acknowledged && published === received && corrupted === 0;
}

function advanceDelivered(progress: Progress, event: Extract<DeviceEvent, { type: "delivered" }>): Progress {
  const { counters } = event;
  const delivered = {
    ...progress,
    acknowledged: progress.acknowledged + 1,
    sinceConnect: progress.sinceConnect + 1,
    roundTrips: recent(progress.roundTrips, event.roundTrip),
    longestRoundTrip: Math.max(progress.longestRoundTrip, event.roundTrip),
  };
  if (counters === undefined) return delivered;
  return {
    ...delivered,
    counters,
    slotsInUse: recent(progress.slotsInUse, counters.slotsInUse),
    chunkBytesInUse: recent(progress.chunkBytesInUse, counters.chunkBytesInUse),
    steady: advanceSteady(progress, counters),
  };
}

function advanceSteady(progress: Progress, counters: Counters): Steady {
  const { steady, counters: previous } = progress;
  if (progress.sinceConnect < WARM_UP || previous === undefined) return steady;
  return {
    messages: steady.messages + 1,
    slots: steady.slots + counters.slots - previous.slots,
    chunkBytes: steady.chunkBytes + counters.chunkBytes - previous.chunkBytes,
    collections: steady.collections + counters.collections - previous.collections,
  };
}

function recent(values: readonly number[], value: number): readonly number[] {
  return [...values.slice(1 - HISTORY), value];
}
