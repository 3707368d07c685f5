import { MosquittoBroker } from "../../support/mosquitto-broker.js";
import { MendedAedes } from "../faults/mended-aedes.js";

/** A broker whose sessions survive its restarts. */
export interface SoakBroker {
  readonly host: string;
  readonly port: number;
  /** Ends, with all connections, and starts again on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Brokers that there are. */
export const BROKERS = ["mosquitto", "aedes"] as const;

/** The name of one. */
export type BrokerName = (typeof BROKERS)[number];

/**
 * QoS 1 and 2 messages that mosquitto may have under way to a client, more than there ever are. Where some have had to wait,
 * mosquitto 2.0.11 loses their order, and after a restart sends PUBLISH packets of QoS 2 again whose PUBREL it has sent.
 */
const UNDER_WAY = 100;

/** Starts a broker that drops no message, however many are waiting. */
export function startBroker(name: BrokerName): Promise<SoakBroker> {
  return name === "mosquitto" ? startMosquitto() : MendedAedes.start();
}

/**
 * Ended by SIGTERM, it writes its sessions to disk before it goes. SIGKILL would lose what it has acknowledged since it wrote
 * them last: mosquitto acknowledges at once, and writes later, even with `autosave_on_changes`.
 */
function startMosquitto(): Promise<SoakBroker> {
  const configuration = [`max_inflight_messages ${UNDER_WAY}`, "max_queued_messages 0", "set_tcp_nodelay true"];
  return MosquittoBroker.start({ persistence: true, quiet: true, configuration });
}
