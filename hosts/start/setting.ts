import { memorySize } from "./format.js";
import type { Setting } from "./progress.js";

/** What runs where, in one line. */
export function describeSetting({ host, heapBytes, broker }: Setting): string {
  const where = host === "sim" ? "XS simulator" : "Node.js";
  return `${where}${heapBytes === null ? "" : `, ${memorySize(heapBytes)} heap`}, to ${broker}`;
}
