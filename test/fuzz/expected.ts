import type { ErrorCode } from "mqtt-xs";
import { puback, pubcomp, pubrec, pubrel, toHex } from "../support/packets.js";
import { encode, type ServerPacket } from "./generators.js";
import { LIMITS, OWN } from "./prepared-client.js";

/** What the standard wants of a client that gets these packets; pieces of a message put together. */
export interface Expected {
  /** Messages as `topic QoS payload`, and `delivered identifier`. */
  readonly events: readonly string[];
  /** The client's acknowledgements of messages, in order, in hexadecimal. */
  readonly acknowledgements: readonly string[];
  /** Why the client must close, if it must. */
  readonly error: ErrorCode | undefined;
}

type Publish = Extract<ServerPacket, { type: "PUBLISH" }>;

/** Works it out from the standard, with none of the client's code. */
export function expectedOf(packets: readonly ServerPacket[]): Expected {
  const events: string[] = [];
  const acknowledgements: string[] = [];
  const unreleased = new Set<number>();
  const awaited = new Set([`PUBACK ${OWN.awaitingPuback}`, `PUBCOMP ${OWN.awaitingPubcomp}`]);

  const takePublish = (packet: Publish): ErrorCode | undefined => {
    const { qos, identifier } = packet;
    const isRepeated = qos === 2 && unreleased.has(identifier);
    if (lacksRoom(packet)) return "ERR_RECEIVE_SIZE";
    if (qos === 2 && !isRepeated && unreleased.size === LIMITS.receiveMaximum) return "ERR_RECEIVE_MAXIMUM";
    if (!isRepeated) events.push(`${packet.topic} ${qos} ${toHex(packet.payload)}`);
    if (qos === 1) acknowledgements.push(toHex(puback(identifier)));
    if (qos === 2) acknowledgements.push(toHex(pubrec(identifier)));
    if (qos === 2) unreleased.add(identifier);
    return undefined;
  };

  for (const packet of packets) {
    if (packet.type === "PUBLISH") {
      const error = takePublish(packet);
      if (error !== undefined) return { events, acknowledgements, error };
    } else if (packet.type === "PUBREL") {
      unreleased.delete(packet.identifier);
      acknowledgements.push(toHex(pubcomp(packet.identifier)));
    } else if (packet.type === "PUBREC" && packet.identifier !== OWN.awaitingPubrec) {
      acknowledgements.push(toHex(pubrel(packet.identifier)));
    } else if ((packet.type === "PUBACK" || packet.type === "PUBCOMP") && awaited.delete(`${packet.type} ${packet.identifier}`))
      events.push(`delivered ${packet.identifier}`);
  }
  return { events, acknowledgements, error: undefined };
}

/** Whether the packet is too large for the buffer and its head alone fills it. */
function lacksRoom(packet: Publish): boolean {
  const size = encode(packet).length;
  return size > LIMITS.packetSize && size - packet.payload.length >= LIMITS.packetSize;
}
