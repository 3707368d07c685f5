import { counted, duration, grouped, memorySize } from "./format.js";
import type { ProtocolVersion } from "./protocol-version.js";
import { isComplete, WARM_UP, type Progress } from "./progress.js";
import { describeReason } from "./reason-codes.js";

/** The result of a run, as `--json` prints it. */
export interface Report {
  readonly published: number;
  readonly acknowledged: number;
  readonly received: number;
  readonly lost: number;
  /** Null where it was not measured: on Node.js, and in runs shorter than the warm-up. */
  readonly slotsPerMessage: number | null;
  readonly chunkBytesPerMessage: number | null;
  readonly collections: number | null;
  readonly heapBytes: number | null;
  readonly host: "sim" | "node";
  readonly protocol: ProtocolVersion;
}

/** The result so far. */
export function makeReport(progress: Progress): Report {
  const { published, acknowledged, received, steady, heapBytes, host } = progress;
  const isMeasured = steady.messages > 0;
  return {
    published,
    acknowledged,
    received,
    lost: published - received,
    slotsPerMessage: isMeasured ? steady.slots / steady.messages : null,
    chunkBytesPerMessage: isMeasured ? steady.chunkBytes / steady.messages : null,
    collections: isMeasured ? steady.collections : null,
    heapBytes,
    host,
    protocol: progress.protocol,
  };
}

/** The same in words, a few lines. */
export function describeReport(progress: Progress): string[] {
  const report = makeReport(progress);
  const { published, acknowledged, received, lost } = report;
  if (published === 0) return ["nothing was published"];
  const verdict = isComplete(progress) ? "all arrived" : "not all arrived";
  return [
    `${verdict}: ${grouped(published)} published, ${grouped(acknowledged)} acknowledged, ${grouped(received)} received, ${grouped(lost)} lost`,
    ...exceptions(progress),
    `round trip at most ${duration(progress.longestRoundTrip)}, MQTT ${report.protocol}`,
    ...(progress.properties === undefined ? [] : [`received as ${progress.properties}`]),
    ...memory(progress),
  ];
}

function exceptions({ refused, refusal, repeated, corrupted }: Progress): string[] {
  return [
    ...(refused > 0 ? [`${counted(refused, "message")} refused by the broker: ${describeReason(refusal)}`] : []),
    ...(repeated > 0 ? [`${counted(repeated, "message")} came more than once, as QoS 1 allows after a reconnect`] : []),
    ...(corrupted > 0 ? [`${counted(corrupted, "message")} did not arrive intact`] : []),
  ];
}

function memory(progress: Progress): string[] {
  const { slotsPerMessage, chunkBytesPerMessage, collections, heapBytes } = makeReport(progress);
  if (heapBytes === null) return ["allocations: not counted on Node.js"];
  if (slotsPerMessage === null || chunkBytesPerMessage === null || collections === null)
    return [`allocations: not counted in the first ${WARM_UP} messages`];
  return [
    `per message ${counted(slotsPerMessage, "slot")} and ${counted(chunkBytesPerMessage, "byte")} allocated, ` +
      `${counted(collections, "collection")}, in a heap of ${memorySize(heapBytes)}`,
  ];
}
