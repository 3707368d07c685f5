import { VersionedBroker } from "../scripted-broker.js";
import { firstPacket, type ClientPacket, type ClientPacketFields } from "./client-packets.js";
import type { PropertyList } from "./properties.js";
import { connack, type ConnackFields } from "./server-packets.js";

/** The Assigned Client Identifier that a `ScriptedBroker5` gives to clients without one. */
export const ASSIGNED_CLIENT_IDENTIFIER = "assigned";

/**
 * A `VersionedBroker` of MQTT 5.0:
 *
 *     broker.acceptConnection({ properties: [["topicAliasMaximum", 4]] });
 *     broker.expect("PUBLISH", { topic: "a", properties: { topicAlias: 1, contentType: undefined } });
 *
 * A property that is expected to be `undefined` must not be there. `acceptConnection` gives a client that comes without a Client
 * Identifier the one above [MQTT-3.2.2-16], unless it refuses the client, or the properties it is given name one or are bytes.
 */
export class ScriptedBroker5 extends VersionedBroker<ClientPacketFields, ConnackFields> {
  protected override firstPacket(bytes: Uint8Array): ClientPacket | undefined {
    return firstPacket(bytes);
  }

  protected override connack(answer: ConnackFields, connect: ClientPacket<"CONNECT">): Uint8Array {
    if (connect.clientId !== "" || (answer.reasonCode ?? 0) !== 0) return connack(answer);
    return connack({ ...answer, properties: withClientIdentifier(answer.properties ?? []) });
  }
}

function withClientIdentifier(list: PropertyList): PropertyList {
  if (list instanceof Uint8Array || list.some(([name]) => name === "assignedClientIdentifier")) return list;
  return [["assignedClientIdentifier", ASSIGNED_CLIENT_IDENTIFIER], ...list];
}
