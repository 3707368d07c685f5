import { Client } from "mqtt-xs";
import type { Broker } from "./broker.js";
import { Link } from "./link.js";
import type { Policy } from "./policies.js";
import { VirtualClock } from "./virtual-clock.js";
import type { VirtualTime } from "./virtual-time.js";

/** Milliseconds from a device to the broker. */
const NEAREST = 5;
const FARTHEST = 100;

/** What a fleet tells. */
export interface FleetEvents {
  /** One device more is connected. */
  onConnected(): void;
  /** One device less is connected. */
  onLost(): void;
}

/** Adds a device: the client itself, with as little memory as it can do with. */
export function makeDevice(time: VirtualTime, broker: Broker, policy: Policy, random: () => number, events: FleetEvents): Client {
  let isConnected = false;
  return new Client({
    transport: new Link(time, broker, NEAREST + random() * (FARTHEST - NEAREST)),
    clock: new VirtualClock(time, Math.floor(random() * 2 ** 32)),
    packetSize: 32,
    inflight: 1,
    receiveMaximum: 1,
    ...policy.options(random),
    onConnect: () => {
      isConnected = true;
      events.onConnected();
    },
    onDisconnect: () => {
      if (isConnected) events.onLost();
      isConnected = false;
    },
  });
}
