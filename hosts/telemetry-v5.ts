import { Topic } from "mqtt-xs/v5";
import { Firmware, type FirmwareClientOptions } from "./telemetry/firmware.js";
import type { Telemetry } from "./telemetry/options.js";
import { TelemetryClient } from "./telemetry/v5/client.js";
import type { TelemetryObserver, TelemetryOptions } from "./telemetry/v5/options.js";
import { DAY, readingProperties, statusProperties, willProperties } from "./telemetry/v5/properties.js";

export type { Telemetry } from "./telemetry/options.js";
export type { TelemetryObserver, TelemetryOptions } from "./telemetry/v5/options.js";
export { Reading } from "./telemetry/reading.js";
export { ReadingFormat } from "./telemetry/reading-format.js";
export type { Extra, Sensors } from "./telemetry/sensors.js";
export { SimulatedSensors } from "./telemetry/simulated-sensors.js";

/** From here on, reason codes are those of failures. */
const FAILED = 0x80;

/**
 * Starts the firmware of a sensor over MQTT 5.0: that of `mqtt-xs/telemetry`, and what 5.0 has for a sensor. Its session
 * and its readings expire; readings say that they are JSON and which units their numbers have; their topic goes out once
 * in a connection, and an alias from then on; `offline` waits a little for the connection to come back; and readings that
 * the server refuses are not taken for delivered ones. Once connected, none of this allocates anything either.
 */
export function telemetry(options: TelemetryOptions): Telemetry {
  return new VersionedFirmware(options);
}

type Host = Omit<TelemetryOptions, "observer">;

class VersionedFirmware extends Firmware<Host> {
  protected declare readonly observer: TelemetryObserver;

  constructor(options: TelemetryOptions) {
    super(options, (client) => makeClient(client, options), Topic);
  }

  protected override settled(sequence: number, roundTrip: number, reasonCode = 0): void {
    if (reasonCode >= FAILED) this.observer.onRefused?.(sequence, reasonCode);
    else super.settled(sequence, roundTrip);
  }
}

function makeClient(client: Host & FirmwareClientOptions, options: TelemetryOptions): TelemetryClient {
  return new TelemetryClient(
    {
      sessionExpiryInterval: DAY,
      ...client,
      will: { ...client.will, properties: willProperties(options) },
    },
    readingProperties(options),
    statusProperties(),
  );
}
