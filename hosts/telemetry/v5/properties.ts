import { Properties } from "mqtt-xs/v5";
import type { Sensors } from "../sensors.js";
import type { TelemetryOptions } from "./options.js";

/** Seconds. */
export const DAY = 86_400;

/** Of readings: JSON that is worth something for a while, and which units its numbers have. */
export function readingProperties({ messageExpiryInterval = DAY, units = true, sensors }: Readonly<Partial<TelemetryOptions>>): Properties {
  return new Properties({
    payloadFormatIndicator: true,
    messageExpiryInterval,
    contentType: "application/json",
    ...(units ? { userProperties: unitsOf(sensors) } : {}),
  });
}

/** Of the status, which is one word. */
export function statusProperties(): Properties {
  return new Properties({ payloadFormatIndicator: true, contentType: "text/plain" });
}

/** Of the will: those of the status, and when it is time to publish it. */
export function willProperties({ willDelayInterval = 10 }: Readonly<Partial<TelemetryOptions>>): Properties {
  return new Properties({ payloadFormatIndicator: true, contentType: "text/plain", willDelayInterval });
}

/** By the names that the numbers have in the JSON. */
function unitsOf(sensors: Sensors | undefined): [string, string][] {
  const units: [string, string][] = [
    ["temperature", "°C"],
    ["humidity", "%"],
    ["battery", "V"],
  ];
  for (const { name, unit } of sensors?.extras ?? []) if (unit !== undefined) units.push([name, unit]);
  return units;
}
