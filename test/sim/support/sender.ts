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

/** The same, whatever they are, and however the peer answers otherwise. */
export interface Stream {
  readonly count: number;
  /** The message with this number, which is its identifier, from 1 on. */
  readonly message: (identifier: number) => Uint8Array;
  /** What comes behind the last of them. */
  readonly end: Uint8Array;
  /** How many are on their way to the client at a time, until it acknowledges; 0 where it acknowledges none. */
  readonly window: number;
  readonly server: Answer;
}

/**
 * A peer that sends messages when the program reports `ready`, and `end` after the last was acknowledged. Those of QoS 2
 * go out in a window, all others at once.
 */
export function sending({ qos, topic, payload, count }: Sending): SessionOptions {
  return streaming({
    count,
    message: (identifier) => publish({ topic, payload, qos, identifier }),
    end: publish({ topic: "end" }),
    window: qos === 2 ? WINDOW : qos === 1 ? count : 0,
    server: acknowledge,
  });
}

/** A peer that sends messages when the program reports `ready`, and what ends them after the last was acknowledged. */
export function streaming({ count, message, end, window, server }: Stream): SessionOptions {
  let sent = 0;
  let completed = 0;
  const next = (): Uint8Array => (sent < count ? message(++sent) : Uint8Array.of());
  const start = (): Uint8Array[] => Array.from({ length: window || count }, next);
  const answer: Answer = (packet, peer) => {
    const type = packet[0] >> 4;
    if (type !== PUBACK && type !== PUBCOMP) return server(packet, peer);
    return ++completed === count ? end : next();
  };
  const onReport = (peer: Peer, name: string): void => {
    if (name === "ready") peer.send(Buffer.concat(window > 0 ? start() : [...start(), end]));
  };
  return { answer, onReport };
}
