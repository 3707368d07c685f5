import type { Aedes } from "aedes";

/** A packet as Aedes keeps it for a client, known by the broker that made it and a number of that broker's. */
interface KeptPacket {
  readonly cmd: string;
  readonly messageId: number;
  brokerId?: string;
  brokerCounter?: number;
}

/** As far as it is mended. */
interface Persistence {
  outgoingUpdate(client: object, packet: KeptPacket): Promise<void>;
}

/**
 * Where Aedes keeps its sessions, without a defect that loses QoS 2 messages with aedes-persistence 10.5 and before.
 *
 * Aedes gives a PUBREL no broker and no number, and `outgoingUpdate` then takes any PUBREL that it has for the client for
 * the same packet: with a second PUBREC the first PUBREL gets the second one's packet identifier. `npm run faults` showed
 * "PUBLISH 56988, PUBLISH 56989; PUBREC 56988, PUBREC 56989; PUBREL 56989, PUBREL 56989", and 56988 was never released.
 *
 * @returns the same object.
 */
export function mendPersistence({ persistence }: Aedes & { readonly persistence?: Persistence }): Persistence {
  if (persistence === undefined) throw new Error("Aedes has no persistence");
  const update = persistence.outgoingUpdate.bind(persistence);
  persistence.outgoingUpdate = (client, packet) => {
    if (packet.cmd === "pubrel") Object.assign(packet, { brokerId: "PUBREL", brokerCounter: packet.messageId });
    return update(client, packet);
  };
  return persistence;
}
