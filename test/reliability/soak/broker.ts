import { LOSING_NOTHING, MosquittoBroker } from "../../support/mosquitto-broker.js";
import type { BrokerName } from "../faults/brokers.js";
import { MendedAedes } from "../faults/mended-aedes.js";

/** A broker whose sessions survive its restarts. */
export interface SoakBroker {
  readonly host: string;
  readonly port: number;
  /** Ends, with all connections, and starts again on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a broker that drops no message, however many are waiting. */
export function startBroker(name: BrokerName): Promise<SoakBroker> {
  return name === "mosquitto" ? startMosquitto() : MendedAedes.start();
}

/**
 * Ended by SIGTERM, it writes its sessions to disk before it goes. SIGKILL would lose what it has acknowledged since it wrote
 * them last: mosquitto acknowledges at once, and writes later, even with `autosave_on_changes`.
 */
function startMosquitto(): Promise<SoakBroker> {
  const configuration = [...LOSING_NOTHING, "set_tcp_nodelay true"];
  return MosquittoBroker.start({ persistence: true, quiet: true, configuration });
}
