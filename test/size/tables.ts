import { isOver, limited } from "./ceilings.js";
import { bytesOnDevice, CONFIGURED_BYTES, type Cost } from "./costs.js";
import type { Figures } from "./figures.js";
import type { Rows } from "./table.js";

/** Each figure that has a ceiling. */
export function ceilingRows(figures: Figures): Rows {
  const rows = limited(figures).map((it) => [it.name, it.value, it.ceiling, it.goal ?? "", it.unit, isOver(it) ? "OVER" : "ok"]);
  return [["measured on XS", "is", "at most", "goal", "in", ""], ...rows];
}

/** What is worth knowing, but has no ceiling. */
export function detailRows({ bytecode, additions, withStore, withQueue, costs, v5 }: Figures): Rows {
  const { publish, receive } = v5.units;
  return [
    ["besides", "is", "in"],
    ["bytecode without names", bytecode.code, "bytes"],
    ["names, of which a firmware has each but once", bytecode.symbols, "bytes"],
    ["bytecode of WebSocketTransport", additions.websocket.total, "bytes"],
    ["bytecode of the class of ECMA-419, its transport and clock", additions.ecma419.total, "bytes"],
    ["bytecode of ScramSha256", additions.scram.total, "bytes"],
    ["bytecode of StoredSession, Journal and FlashPartition, on top of the client", withStore.total - bytecode.total, "bytes"],
    ["bytecode of Queue, on top of that", withQueue.total - withStore.total, "bytes"],
    ["bytecode of Requester and Responder, on top of MQTT 5.0", v5.withRequest.total - v5.bytecode.total, "bytes"],
    ["MQTT 5.0: publish QoS 0 with 4 properties, 36 bytes", publish.properties.most, "units"],
    ["– with a topic alias, too", publish.both.most, "units"],
    ["MQTT 5.0: receive, check and route QoS 0 with 4 properties, 36 bytes", receive.properties.most, "units"],
    ["– with a topic alias, too", receive.both.most, "units"],
    ["chunks beyond the configured buffers, connected", costs.connection.chunkBytes - CONFIGURED_BYTES, "bytes"],
  ];
}

/** What everything costs. */
export function memoryRows({ costs, v5 }: Figures): Rows {
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
    row("`Client` of MQTT 5.0 with its transport, connected, default limits", v5.connection),
    row("– each more of `topicAliases`", v5.outgoingAlias),
    row("– each more of `topicAliasMaximum`, with a `topicAliasSize` of 64", v5.incomingAlias),
    row("each `Topic` of 27 bytes of MQTT 5.0", v5.topic),
    row("each `Properties` of 36 bytes", v5.properties),
  ];
}

function row(name: string, cost: Cost): (string | number)[] {
  return [name, cost.slots, cost.chunkBytes, bytesOnDevice(cost)];
}
