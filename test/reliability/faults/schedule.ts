import type { QoS } from "mqtt-xs";
import { type ConnectionFaults, NO_FAULTS } from "../../support/faulty-transport/connection-faults.js";
import { Random } from "../../support/faulty-transport/random.js";
import { randomFaults } from "../../support/faulty-transport/random-faults.js";
import type { BrokerName } from "./brokers.js";

/** A message that is to be published. */
export interface Step {
  /** Milliseconds after the one before. */
  readonly pause: number;
  /** The last level of its topic. */
  readonly topic: string;
  readonly qos: QoS;
  /** Bytes of its payload. */
  readonly size: number;
  /** Whether the device has the payload from a source, in pieces that are not always ready. */
  readonly fromSource: boolean;
}

/** All that happens in one run, worked out from its seed beforehand. */
export interface Schedule {
  readonly seed: number;
  readonly version: "3.1.1" | "5.0";
  readonly clean: boolean;
  readonly packetSize: number;
  readonly inflight: number;
  /** What the device publishes. */
  readonly up: readonly Step[];
  /** What the witness publishes. */
  readonly down: readonly Step[];
  /** After how many of all these messages the broker is restarted; empty for schedules without restarts. */
  readonly restarts: readonly number[];
  /** What goes wrong on the device's connections, which are counted from 0. */
  readonly faultsOf: (connection: number) => ConnectionFaults;
  /** For whatever else is left to chance. */
  readonly random: Random;
}

const TOPICS = ["a", "b", "c"] as const;
const MOST_STEPS = 18;
const MOST_FAULTY_CONNECTIONS = 10;
const LARGEST_PAYLOAD = 4_096;

/** The schedule that belongs to a seed. Aedes knows no MQTT 5.0. */
export function scheduleOf(seed: number, broker: BrokerName): Schedule {
  const random = new Random(seed);
  const version = broker === "mosquitto" && random.chance(0.5) ? "5.0" : "3.1.1";
  const clean = version === "3.1.1" && random.chance(0.15);
  const packetSize = random.pick([96, 128, 256, 512]);
  const [up, down] = [steps(random.fork(1), packetSize), steps(random.fork(2), packetSize)];
  const faultyConnections = random.between(1, MOST_FAULTY_CONNECTIONS);
  return {
    seed,
    version,
    clean,
    packetSize,
    inflight: random.pick([1, 2, 4, 8]),
    up,
    down,
    restarts: random.chance(0.2) ? restarts(random, up.length + down.length) : [],
    faultsOf: (connection) => (connection < faultyConnections ? randomFaults(random.fork(100 + connection)) : NO_FAULTS),
    random: random.fork(3),
  };
}

function steps(random: Random, packetSize: number): Step[] {
  return Array.from({ length: random.between(1, MOST_STEPS) }, (_, at): Step => {
    const size = sizeOf(random, packetSize);
    return {
      pause: random.chance(0.3) ? random.between(1, 12) : 0,
      topic: size === 0 ? `empty-${at}` : random.pick(TOPICS), // nothing but its topic tells it from others
      qos: random.pick([0, 1, 2] as const),
      size,
      fromSource: random.chance(0.3),
    };
  });
}

function sizeOf(random: Random, packetSize: number): number {
  switch (random.weighted({ none: 10, small: 50, near: 20, large: 20 })) {
    case "none":
      return 0;
    case "small":
      return random.between(1, 40);
    case "near":
      return random.between(packetSize - 40, packetSize + 40);
    case "large":
      return random.between(packetSize, LARGEST_PAYLOAD);
  }
}

function restarts(random: Random, total: number): number[] {
  return [random.between(1, total), random.between(1, total)].sort((left, right) => left - right);
}
