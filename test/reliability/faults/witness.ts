import type { LedgerMessage } from "../support/ledger.js";
import { seedOf } from "./names.js";

type Listener = (message: LedgerMessage) => void;

/**
 * QoS 1 and 2 messages that a witness has under way at the same time. Mosquitto by default takes 20 of a client, and hangs
 * up at the next although MQTT 3.1.1 knows no such limit: "Sending PUBACK to witness (m24307, rc151)", then "Bad socket read/write".
 */
export const WINDOW = 15;

/** A client without faults that is the other side of many schedules at the same time. */
export interface Witness {
  /** Has a schedule's messages told until `leave`. */
  join(seed: number, listener: Listener): void;
  leave(seed: number): void;
  /** Takes a message to send as soon as there is room, of QoS 0 at most now; `done` is called when it is delivered. */
  publish(message: LedgerMessage, done: () => void): void;
  /** Ends the connection. */
  end(): Promise<void>;
}

/** Who is told of which messages. */
export class Listeners {
  readonly #listeners = new Map<number, Listener>();

  set(seed: number, listener: Listener): void {
    this.#listeners.set(seed, listener);
  }

  delete(seed: number): void {
    this.#listeners.delete(seed);
  }

  /** Tells the schedule that the message belongs to, if it is still played. */
  tell(message: LedgerMessage): void {
    this.#listeners.get(seedOf(message.topic))?.(message);
  }
}
