import { isOver, limited } from "./ceilings.js";
import { bytesOnDevice, CONFIGURED_BYTES, type Cost, type Costs } from "./costs.js";
import type { Figures } from "./figures.js";
import type { Rows } from "./table.js";

/** Each figure that has a ceiling. */
export function ceilingRows(figures: Figures): Rows {
  const rows = limited(figures).map((it) => [it.name, it.value, it.ceiling, it.goal ?? "", it.unit, isOver(it) ? "OVER" : "ok"]);
  return [["measured on XS", "is", "at most", "goal", "in", ""], ...rows];
}

/** What is worth knowing, but has no ceiling. */
export function detailRows({ bytecode, additions, costs }: Figures): Rows {
  return [
    ["besides", "is", "in"],
    ["bytecode without names", bytecode.code, "bytes"],
    ["names, of which a firmware has each but once", bytecode.symbols, "bytes"],
    ["bytecode of WebSocketTransport", additions.websocket.total, "bytes"],
    ["bytecode of the class of ECMA-419, its transport and clock", additions.ecma419.total, "bytes"],
    ["chunks beyond the configured buffers, connected", costs.connection.chunkBytes - CONFIGURED_BYTES, "bytes"],
  ];
}

/** What everything costs. */
export function memoryRows(costs: Costs): Rows {
  return [
    ["what", "slots", "bytes of chunks", "bytes on ESP32"],
    row("`Client` with its transport, connected, default limits", costs.connection),
    row("– each more of `inflight`, with a `packetSize` of 512", costs.inflight),
    row("– each more byte of `packetSize`, with an `inflight` of 4", costs.packetSize),
    row("– each more of `receiveMaximum`", costs.receiveMaximum),
    row("each subscription", costs.subscription),
    row("each `TopicFilter` of 27 bytes", costs.filter),
    row("each `Topic` of 27 bytes", costs.topic),
    row("each `Payload` of 64 bytes", costs.payload),
  ];
}

function row(name: string, cost: Cost): (string | number)[] {
  return [name, cost.slots, cost.chunkBytes, bytesOnDevice(cost)];
}
