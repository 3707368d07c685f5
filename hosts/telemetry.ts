import { Client, Topic } from "mqtt-xs";
import { Firmware } from "./telemetry/firmware.js";
import type { Telemetry, TelemetryOptions } from "./telemetry/options.js";

export type { Telemetry, TelemetryObserver, TelemetryOptions } from "./telemetry/options.js";
export { Reading } from "./telemetry/reading.js";
export { ReadingFormat } from "./telemetry/reading-format.js";
export type { Extra, Sensors } from "./telemetry/sensors.js";
export { SimulatedSensors } from "./telemetry/simulated-sensors.js";

/**
 * Starts the firmware of a sensor: the same on every host. It reads its sensors at an interval and publishes them as
 * JSON to `<base>/reading`; says `online` in the retained `<base>/status`, and `offline` when it leaves, for which a
 * will stands in when it cannot; takes a new interval in milliseconds from `<base>/command/interval`; and hands on the
 * other commands that it is told to take.
 *
 * A reading that finds no room waits, and the next is taken one interval after it has gone: the broker sets the pace and
 * nothing is lost. Once connected, none of this allocates anything.
 */
export function telemetry(options: TelemetryOptions): Telemetry {
  return new Firmware(options, (host) => new Client(host), Topic);
}
