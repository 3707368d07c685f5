import { publish, type Property, type Text } from "../../../support/v5/packets.js";
import type { SessionOptions } from "../../support/session.js";
import { streaming, WINDOW } from "../../support/sender.js";
import { acknowledging } from "./server.js";

/** Messages of MQTT 5.0 that a peer sends. */
export interface Sending5 {
  readonly qos: 0 | 1 | 2;
  readonly topic: string;
  readonly payload: Text;
  readonly count: number;
  readonly properties?: readonly Property[];
  /** Whether an alias stands for the topic from the second message on. */
  readonly alias?: boolean;
  /** How many of QoS 1 and 2 are under way at the same time. Default 32. */
  readonly window?: number;
}

/** A peer that sends messages when the program reports `ready`, and one to `end` after the last. */
export function sending({ qos, topic, payload, count, properties = [], alias = false, window = WINDOW }: Sending5): SessionOptions {
  const list: Property[] = [...(alias ? [["topicAlias", 1] as const] : []), ...properties];
  const message = (identifier: number): Uint8Array =>
    publish({ topic: alias && identifier > 1 ? "" : topic, payload, qos, identifier, properties: list });
  return streaming({
    count,
    message,
    end: publish({ topic: "end" }),
    window: qos === 0 ? 0 : window,
    server: acknowledging(),
  });
}
