import { LOSING_NOTHING, MosquittoBroker } from "../../support/mosquitto-broker.js";
import { MendedAedes } from "./mended-aedes.js";

/** The brokers that schedules are run against. */
export const BROKERS = ["mosquitto", "aedes"] as const;

/** One of them. */
export type BrokerName = (typeof BROKERS)[number];

/** A broker that keeps its sessions over a restart. */
export interface Broker {
  readonly name: BrokerName;
  readonly host: string;
  readonly port: number;
  /** Ends, with all connections, and starts again on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a broker of its own for a run. */
export function startBroker(name: BrokerName): Promise<Broker> {
  return name === "mosquitto" ? startMosquitto() : startAedes();
}

async function startMosquitto(): Promise<Broker> {
  const broker = await MosquittoBroker.start({ persistence: true, quiet: true, configuration: LOSING_NOTHING });
  return {
    name: "mosquitto",
    host: broker.host,
    port: broker.port,
    restart: () => broker.restart(),
    stop: () => broker.stop(),
  };
}

async function startAedes(): Promise<Broker> {
  const broker = await MendedAedes.start();
  return {
    name: "aedes",
    host: broker.host,
    port: broker.port,
    restart: () => broker.restart(),
    stop: () => broker.stop(),
  };
}
