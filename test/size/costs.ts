import { numbersOf, report, type Reports } from "./report.js";

/** What something takes of the heap. */
export interface Cost {
  readonly slots: number;
  /** Bytes of chunks, with their headers, of 16 bytes here. */
  readonly chunkBytes: number;
}

/** What a `Client` and what goes with it cost, and what each of its limits adds. */
export interface Costs {
  /** With its transport and clock, connected, with default limits. */
  readonly connection: Cost;
  readonly client: Cost;
  readonly transport: Cost;
  /** One more `inflight`, with a `packetSize` of 512. */
  readonly inflight: Cost;
  /** One more byte of `packetSize`, with an `inflight` of 4. */
  readonly packetSize: Cost;
  readonly receiveMaximum: Cost;
  /** A subscription in force; its filter and its handler are the caller's. */
  readonly subscription: Cost;
  /** A `Topic` of 27 bytes. */
  readonly topic: Cost;
  /** A `TopicFilter` of 27 bytes. */
  readonly filter: Cost;
  /** A `Payload` of 64 bytes. */
  readonly payload: Cost;
}

/** Bytes of all buffers that default limits configure: of the client, and the transport's of 128 bytes. */
export const CONFIGURED_BYTES = (2 + 4) * 512 + 64 * 2 + 128;

/** Bytes on ESP32: a slot has 16 there. Chunks count as here, where their headers are twice as large. */
export function bytesOnDevice({ slots, chunkBytes }: Cost): number {
  return slots * 16 + chunkBytes;
}

/** Measures them all. */
export async function measureCosts(): Promise<Costs> {
  const reports = await report("costs");
  const cost = (name: string): Cost => costOf(reports, name);
  return {
    connection: costOf(await report("connection"), "connection"),
    client: cost("client"),
    transport: cost("transport"),
    inflight: difference(cost("inflight.5"), cost("inflight.4"), 1),
    packetSize: difference(cost("packetSize.1512"), cost("packetSize.512"), 1_000),
    receiveMaximum: difference(cost("receiveMaximum.1064"), cost("receiveMaximum.64"), 1_000),
    subscription: difference(cost("subscribed.3"), cost("subscribed.2"), 1),
    topic: cost("topic"),
    filter: cost("filter"),
    payload: cost("payload"),
  };
}

export function costOf(reports: Reports, name: string): Cost {
  const [slots, chunkBytes] = numbersOf(reports, name);
  return { slots, chunkBytes };
}

export function difference(more: Cost, less: Cost, steps: number): Cost {
  return { slots: (more.slots - less.slots) / steps, chunkBytes: (more.chunkBytes - less.chunkBytes) / steps };
}
