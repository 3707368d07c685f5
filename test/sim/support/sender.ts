import { publish } from "../../support/packets.js";
import { acknowledge, type Answer, type Peer, PUBACK, PUBCOMP } from "./peer.js";
import type { SessionOptions } from "./session.js";

/** So many messages of QoS 2 are on their way to the client at a time; by default it has room for 64 identifiers. */
export const WINDOW = 32;

/** Messages that a peer sends. */
export interface Sending {
  readonly qos: 0 | 1 | 2;
  readonly topic: string;
  readonly payload: string | Uint8Array;
  readonly count: number;
}

/**
 * A peer that sends messages when the program reports `ready`, and `end` after the last was acknowledged. Those of QoS 2
 * go out in a window, all others at once.
 */
export function sending({ qos, topic, payload, count }: Sending): SessionOptions {
  let sent = 0;
  let completed = 0;
  const next = (): Uint8Array => (sent < count ? publish({ topic, payload, qos, identifier: ++sent }) : Uint8Array.of());
  const start = (): Uint8Array[] => Array.from({ length: qos === 2 ? WINDOW : count }, next);
  const end = publish({ topic: "end" });
  const answer: Answer = (packet) => {
    const type = packet[0] >> 4;
    if (type !== PUBACK && type !== PUBCOMP) return acknowledge(packet);
    return ++completed === count ? end : next();
  };
  const onReport = (peer: Peer, name: string): void => {
    if (name === "ready") peer.send(Buffer.concat(qos === 0 ? [...start(), end] : start()));
  };
  return { answer, onReport };
}
