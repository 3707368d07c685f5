import { EmbeddedBroker } from "./embedded-broker.js";
import { describeAddress, type BrokerAddress } from "./broker-address.js";
import { findMosquitto, startMosquitto } from "./mosquitto.js";
import type { ProtocolVersion } from "./protocol-version.js";

/** A broker to run with. */
export interface Broker {
  readonly address: BrokerAddress;
  /** For people: "its own broker on port 41233". */
  readonly name: string;
  /** Ends it, where it is one of our own. */
  stop(): Promise<void>;
}

/** One that runs already. */
export function remoteBroker(address: BrokerAddress): Broker {
  return { address, name: describeAddress(address), stop: () => Promise.resolve() };
}

/**
 * A way to start a broker of our own that speaks this version; the one that comes with the project does not speak 5.0.
 * @throws Failure when there is none.
 */
export function findBroker(protocol: ProtocolVersion): () => Promise<Broker> {
  if (protocol === "3.1.1") return () => EmbeddedBroker.start();
  const program = findMosquitto();
  return () => startMosquitto(program);
}
