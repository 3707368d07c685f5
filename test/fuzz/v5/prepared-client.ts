import { Client, Properties, type ClientOptions } from "mqtt-xs/v5";
import { ManualClock } from "../../support/manual-clock.js";
import { connack, pubrec } from "../../support/v5/packets.js";
import { FuzzTransport } from "../fuzz-transport.js";
import { OWN as SAME } from "../prepared-client.js";
import { Recording, write } from "./recording.js";

/** The limits of the client that streams are played to: small, so that they matter. */
export const LIMITS = {
  packetSize: 128,
  inflight: 4,
  receiveMaximum: 4,
  subscriptions: 4,
  maximumPacketSize: 280,
  topicAliasMaximum: 3,
  topicAliasSize: 24,
} as const;

/** The Authentication Method of the client. */
export const AUTHENTICATION_METHOD = "M";

/** The packet identifiers of what the client has sent and waits for before the stream begins. */
export const OWN = {
  awaitingPuback: SAME.awaitingPuback,
  awaitingPubcomp: SAME.awaitingPubcomp,
  awaitingPubrec: SAME.awaitingPubrec,
  subscribe: 4,
  /** How many filters that SUBSCRIBE has. */
  filters: 2,
  /** A SUBSCRIBE with one filter and this identifier. */
  subscribeIdentified: 5,
  subscriptionIdentifier: 7,
  unsubscribe: 6,
} as const;

/** More calls of the transport than any of the streams can need. */
const STEPS = 50_000;

/** A client on a transport, and what can be seen of it. */
export interface Played {
  readonly client: Client;
  readonly transport: FuzzTransport;
  readonly recording: Recording;
}

/** A client that has asked for a connection, which is open, and waits for CONNACK. */
export function connectingClient(options: Partial<ClientOptions> = {}): Played {
  const recording = new Recording();
  const transport = new FuzzTransport(STEPS);
  const client = new Client({
    transport,
    clock: new ManualClock(),
    clientId: "c",
    reconnectPeriod: 0,
    ...LIMITS,
    ...recording.callbacks,
    ...options,
  });
  client.connect();
  transport.accept();
  return { client, transport, recording };
}

/** A client that is connected and waits for an answer of every kind, AUTH too: see `OWN`. What it sent for that is forgotten. */
export function preparedClient(options: Partial<ClientOptions> = {}): Played {
  const played = connectingClient(options);
  const { client, transport, recording } = played;
  transport.takeSent();
  transport.deliver(connack({ properties: [["authenticationMethod", AUTHENTICATION_METHOD]] }));
  client.publish("out", "1", 1);
  client.publish("out", "2", 2);
  client.publish("out", "payload larger than the buffer ".repeat(9), 2);
  const done = (name: string): Parameters<Client["subscribe"]>[1] => {
    return (codes, properties) => recording.tell(name, [...codes], write(properties));
  };
  client.subscribe([{ filter: "in/#", qos: 2, handler: recording.handler("in/#") }, { filter: "a/+" }], done("subscribed"));
  client.subscribe(
    { filter: "b/#", handler: recording.handler("b/# too") },
    done("subscribed, identified"),
    new Properties({ subscriptionIdentifier: OWN.subscriptionIdentifier }),
  );
  client.unsubscribe("a/+", done("unsubscribed"));
  client.reauthenticate();
  transport.deliver(pubrec(OWN.awaitingPubcomp));
  transport.takeSent();
  recording.forget();
  return played;
}
