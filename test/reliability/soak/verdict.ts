import { counted } from "../../../hosts/start/format.js";
import type { Numbers, Outcome } from "./arrivals.js";
import type { HeapSample } from "./device-log.js";
import type { SoakResult } from "./soak.js";

/** How many message numbers are named in a line. */
const NAMED = 20;

/** What was not as it must be, each in a line; none when all went well. */
export function faultsOf(result: SoakResult): string[] {
  const { witness, echo } = result;
  const ways = [...wayFaults("at the witness", witness), ...wayFaults("back at the device", echo)];
  return [...endFaults(result), ...ways, ...heapFaults(result)];
}

/** The heap when the first thousand messages had been published, and at the end. */
export function firstAndLast({ device }: SoakResult): readonly [first: HeapSample, last: HeapSample] | undefined {
  const first = device.samples.find(({ messages }) => messages > 0);
  const last = device.samples.at(-1);
  return first && last && [first, last];
}

function endFaults({ report, isStalled, device, witnessSessionsLost }: SoakResult): string[] {
  const faults: string[] = [];
  if (report.reason !== "interrupted") faults.push(`the device ended by itself: ${report.reason}, ${report.errors.trim()}`);
  if (isStalled) faults.push("nothing arrived any more before everything had");
  if (device.sessionsLost > 0) faults.push(`the broker lost the device's session: ${counted(device.sessionsLost, "time")}`);
  if (witnessSessionsLost > 0) faults.push(`the broker lost the witness' session: ${counted(witnessSessionsLost, "time")}`);
  return faults;
}

function wayFaults(where: string, { lost, duplicated, damaged }: Outcome): string[] {
  return [
    ...numbersFault(`lost ${where}, with QoS 1 or 2`, lost),
    ...numbersFault(`duplicated ${where}, with QoS 0 or 2`, duplicated),
    ...numbersFault(`damaged ${where}`, damaged),
  ];
}

function numbersFault(what: string, { count, first }: Numbers): string[] {
  const more = count > NAMED ? ", …" : "";
  return count === 0 ? [] : [`${counted(count, "message")} ${what}: ${first.slice(0, NAMED).join(", ")}${more}`];
}

function heapFaults(result: SoakResult): string[] {
  const { collections, slots, chunkBytes } = result.device.used;
  const faults: string[] = [];
  if (collections > 0) faults.push(`garbage was collected between reconnects: ${counted(collections, "time")}`);
  if (slots + chunkBytes > 0)
    faults.push(`allocated between reconnects: ${counted(slots, "slot")}, ${counted(chunkBytes, "byte")} of chunks`);
  const ends = firstAndLast(result);
  if (ends && isAbove(ends[1], ends[0])) faults.push("the heap is fuller in the end than after the first thousand messages");
  return faults;
}

function isAbove(last: HeapSample, first: HeapSample): boolean {
  return last.slots > first.slots || last.chunkBytes > first.chunkBytes;
}
