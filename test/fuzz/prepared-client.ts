import { Client, type ClientOptions } from "mqtt-xs";
import { ManualClock } from "../support/manual-clock.js";
import { connack, pubrec } from "../support/packets.js";
import { FuzzTransport } from "./fuzz-transport.js";
import { Recording } from "./recording.js";

/** The limits of the client that streams are played to: small, so that they matter. */
export const LIMITS = { packetSize: 64, inflight: 4, receiveMaximum: 4, subscriptions: 4 } as const;

/** The packet identifiers of what the client has sent and waits for before the stream begins. */
export const OWN = {
  awaitingPuback: 1,
  awaitingPubcomp: 2,
  awaitingPubrec: 3,
  subscribe: 4,
  unsubscribe: 5,
  /** How many filters the SUBSCRIBE has. */
  filters: 2,
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
  const client = new Client({ transport, clock: new ManualClock(), reconnectPeriod: 0, ...LIMITS, ...recording.callbacks, ...options });
  client.connect();
  transport.accept();
  return { client, transport, recording };
}

/** A client that is connected and waits for an answer of every kind: see `OWN`. What it sent for that is forgotten. */
export function preparedClient(options: Partial<ClientOptions> = {}): Played {
  const played = connectingClient(options);
  const { client, transport, recording } = played;
  transport.deliver(connack());
  client.publish("out", "1", 1);
  client.publish("out", "2", 2);
  client.publish("out", "payload larger than the buffer ".repeat(5), 2);
  client.subscribe([{ filter: "in/#", qos: 2, handler: recording.handler("in/#") }, { filter: "a/+" }]);
  client.unsubscribe("a/+");
  transport.deliver(pubrec(OWN.awaitingPubcomp));
  transport.takeSent();
  recording.forget();
  return played;
}
