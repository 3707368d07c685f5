import { parsePackets } from "../../../support/v5/packets.js";
import type { Answer } from "../../support/peer.js";

/** What a client sent. */
export interface Watch {
  readonly answer: Answer;
  /** How many messages told the server about an alias, and how many had an alias in place of their topic. */
  readonly named: () => number;
  readonly short: () => number;
  /** How many messages of QoS 1 and 2 were under way at the same time, at most (4.9). */
  readonly mostUnderWay: () => number;
}

/** Answers as the server does, and looks at what comes. An alias that the server does not know throws. */
export function watched(server: Answer): Watch {
  const aliases = new Set<number>();
  const underWay = new Set<number>();
  let [named, short, most] = [0, 0, 0];
  const answer: Answer = (bytes, peer) => {
    const [packet] = parsePackets(bytes);
    if (packet.type === "PUBLISH") {
      const alias = packet.properties.topicAlias;
      if (packet.topic === "") short++;
      else if (alias !== undefined) named++;
      if (packet.topic !== "" && alias !== undefined) aliases.add(alias);
      if (alias !== undefined && !aliases.has(alias)) throw new Error(`the server does not know the alias ${alias}`);
      if (packet.qos > 0) underWay.add(packet.identifier);
      most = Math.max(most, underWay.size);
    }
    const reply = server(bytes, peer);
    // PUBACK and PUBCOMP: the exchange is over.
    if (reply && (reply[0] === 0x40 || reply[0] === 0x70)) underWay.delete((reply[2] << 8) | reply[3]);
    return reply;
  };
  return { answer, named: () => named, short: () => short, mostUnderWay: () => most };
}
