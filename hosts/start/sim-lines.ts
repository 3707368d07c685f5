import type { DeviceEvent } from "./events.js";

/** The event that the firmware on the simulator reports in numbers; undefined for other reports. */
export function readReport(name: string, numbers: readonly number[]): DeviceEvent | undefined {
  const [first = 0, second = 0, third = 0, fourth = 0, ...more] = numbers;
  switch (name) {
    case "connected":
      return { type: name, sessionPresent: first === 1 };
    case "reading":
      return { type: name, sequence: first, temperature: second, humidity: third, battery: fourth };
    case "published":
      return { type: name, sequence: first };
    case "delivered": {
      const [slotsInUse = 0, chunkBytesInUse = 0, collections = 0] = more;
      const counters = { slots: third, chunkBytes: fourth, slotsInUse, chunkBytesInUse, collections };
      return { type: name, sequence: first, roundTrip: second, counters };
    }
    case "refused":
      return { type: name, sequence: first, reasonCode: second };
    case "interval":
      return { type: name, milliseconds: first };
    case "finished":
      return { type: name };
    default:
      return undefined;
  }
}

/** The event that the firmware on the simulator tells in words; undefined for other lines. */
export function readTrace(line: string): DeviceEvent | undefined {
  const words = /^disconnected (\S*) (\d+) (.*)$/.exec(line);
  if (words === null) return undefined;
  const [, code = "", reasonCode = "", message = ""] = words;
  return { type: "disconnected", code, reasonCode: Number(reasonCode), message };
}
