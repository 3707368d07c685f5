import * as fc from "fast-check";
import type { Property, QoS } from "../../support/v5/packets.js";

/** What a server says of itself in CONNACK (3.2.2.3); what is absent it leaves out. */
export interface Announcement {
  readonly receiveMaximum?: number;
  readonly maximumQoS?: 0 | 1;
  readonly retainAvailable?: 0 | 1;
  readonly maximumPacketSize?: number;
  readonly topicAliasMaximum?: number;
  /** Seconds, in the place of what the client asked for. */
  readonly sessionExpiryInterval?: number;
}

/** A server's limits, small ones, so that they matter; each is often absent. */
export const announcement: fc.Arbitrary<Announcement> = fc.record(
  {
    receiveMaximum: fc.integer({ min: 1, max: 4 }),
    maximumQoS: fc.constantFrom(0, 1),
    retainAvailable: fc.constantFrom(0, 1),
    maximumPacketSize: fc.oneof(fc.integer({ min: 30, max: 70 }), fc.integer({ min: 100, max: 230 })),
    topicAliasMaximum: fc.constantFrom(0, 1, 2, 2, 20),
    sessionExpiryInterval: fc.constantFrom(0, 3, 600),
  },
  { requiredKeys: [] },
);

/** As CONNACK has them. */
export function propertiesOf(given: Announcement): Property[] {
  // Sound, since the names are those of the interface above, and all of their values are numbers.
  return Object.entries(given) as Property[];
}

/** The limits that follow, with the defaults of the standard. */
export interface Limits {
  readonly receiveMaximum: number;
  readonly maximumQoS: QoS;
  readonly retainAvailable: boolean;
  readonly maximumPacketSize: number;
  readonly topicAliasMaximum: number;
}

/** What holds once a CONNACK has announced this. */
export function limitsOf(given: Announcement): Limits {
  return {
    receiveMaximum: given.receiveMaximum ?? 0xffff,
    maximumQoS: given.maximumQoS ?? 2,
    retainAvailable: given.retainAvailable !== 0,
    maximumPacketSize: given.maximumPacketSize ?? Infinity,
    topicAliasMaximum: given.topicAliasMaximum ?? 0,
  };
}
