import {
  connack,
  parsePackets,
  pingresp,
  puback,
  pubcomp,
  pubrec,
  pubrel,
  suback,
  type ClientPacket,
  type Property,
  type PropertyList,
} from "../../../support/v5/packets.js";
import { ASSIGNED_CLIENT_IDENTIFIER } from "../../../support/v5/scripted-broker.js";
import type { Answer } from "../../support/peer.js";

/** How a server of MQTT 5.0 answers. */
export interface ServerOptions {
  /** Properties of its CONNACK, besides the client identifier that it assigns. */
  readonly announced?: readonly Property[];
  /** Reason code and properties of its PUBACK. Default: none, in the shortest form. */
  readonly reasonCode?: number;
  readonly properties?: PropertyList;
}

/**
 * Answers as a server of MQTT 5.0 that takes everything: what is published is acknowledged, what is asked for is granted. What
 * the client sends is read strictly: where it breaks the standard, this throws.
 */
export function acknowledging(options: ServerOptions = {}): Answer {
  return (bytes) => {
    const [packet] = parsePackets(bytes);
    return answerTo(packet, options);
  };
}

function answerTo(packet: ClientPacket, { announced = [], reasonCode, properties }: ServerOptions): Uint8Array | undefined {
  switch (packet.type) {
    case "CONNECT":
      return connack({ properties: [["assignedClientIdentifier", ASSIGNED_CLIENT_IDENTIFIER], ...announced] });
    case "PUBLISH":
      if (packet.qos === 0) return undefined;
      return packet.qos === 1 ? puback(packet.identifier, reasonCode, properties) : pubrec(packet.identifier);
    case "PUBREC":
      return pubrel(packet.identifier);
    case "PUBREL":
      return pubcomp(packet.identifier);
    case "SUBSCRIBE":
      return suback(
        packet.identifier,
        packet.subscriptions.map(({ qos }) => qos),
      );
    case "PINGREQ":
      return pingresp();
    default:
      return undefined;
  }
}
