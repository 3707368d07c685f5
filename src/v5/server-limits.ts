import type { QoS } from "../wire/quality-of-service.js";
import type { ReceivedProperties } from "./received-properties.js";

/** A packet can have: what its Remaining Length can say, and the five bytes of a fixed header. */
export const LARGEST_PACKET = 268_435_460;

/** What the server announced in its last CONNACK (3.2.2.3); before the first, what the standard's defaults are. */
export interface ServerLimits {
  /** QoS 1 and 2 messages that it takes at the same time. */
  readonly receiveMaximum: number;
  readonly maximumQoS: QoS;
  readonly retainAvailable: boolean;
  /** Bytes. */
  readonly maximumPacketSize: number;
  readonly topicAliasMaximum: number;
  readonly wildcardSubscriptionAvailable: boolean;
  readonly subscriptionIdentifiersAvailable: boolean;
  readonly sharedSubscriptionAvailable: boolean;
  /** Seconds; undefined: what the client asked for. */
  readonly keepalive: number | undefined;
  /** Seconds; undefined: what the client asked for. */
  readonly sessionExpiryInterval: number | undefined;
}

/** Reads them from the properties of a CONNACK. Allocates the object. */
export function readServerLimits(properties: ReceivedProperties): ServerLimits {
  return {
    receiveMaximum: properties.number(33) ?? 0xffff,
    maximumQoS: (properties.number(36) ?? 2) as QoS,
    retainAvailable: properties.number(37) !== 0,
    maximumPacketSize: properties.number(39) ?? LARGEST_PACKET,
    topicAliasMaximum: properties.number(34) ?? 0,
    wildcardSubscriptionAvailable: properties.number(40) !== 0,
    subscriptionIdentifiersAvailable: properties.number(41) !== 0,
    sharedSubscriptionAvailable: properties.number(42) !== 0,
    keepalive: properties.number(19),
    sessionExpiryInterval: properties.number(17),
  };
}
