import type { BrokerAddress } from "./broker-address.js";
import type { DeviceEvent } from "./events.js";
import type { Names } from "./names.js";
import type { ProtocolVersion } from "./protocol-version.js";

/** What the firmware is to do, the same on both hosts. */
export interface DeviceOptions {
  readonly protocol: ProtocolVersion;
  readonly broker: BrokerAddress;
  readonly names: Names;
  readonly qos: 0 | 1 | 2;
  readonly interval: number;
  readonly count: number;
  readonly payloadSize: number;
}

/** A device that runs the firmware. */
export interface Device {
  /** Resolves when the firmware has finished; rejects with a `Failure` when it cannot go on. */
  readonly ended: Promise<void>;
  /** Asks the firmware to finish in order. */
  stop(): void;
  /** Ends the device whatever the firmware does. */
  kill(): void;
}

/** Boots a device, which tells what happens on it. */
export type Boot = (options: DeviceOptions, tell: (event: DeviceEvent) => void) => Device;
