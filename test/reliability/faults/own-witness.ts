import { Client, type Message, WOULD_BLOCK } from "mqtt-xs";
import { NodeClock, TcpTransport } from "../../../hosts/node/index.js";
import type { LedgerMessage } from "../support/ledger.js";
import type { Broker } from "./brokers.js";
import { ALL_UP } from "./names.js";
import type { Trace } from "./trace.js";
import { TracedTransport } from "./traced-transport.js";
import { Listeners, WINDOW, type Witness } from "./witness.js";
import { PATIENCE, within } from "./within.js";

/** Larger than any message, so that all of them come whole. */
const PACKET_SIZE = 8_192;

/** Our own client, which outlives restarts of the broker. */
export class OwnWitness implements Witness {
  readonly #client: Client;
  readonly #listeners = new Listeners();
  readonly #waiting: { readonly message: LedgerMessage; readonly done: () => void }[] = [];
  readonly #underWay = new Map<number, () => void>();

  private constructor(broker: Broker, trace: Trace) {
    this.#client = new Client({
      transport: new TracedTransport(new TcpTransport(broker), 4, trace, "witness"),
      clock: new NodeClock(),
      clientId: "own-witness",
      clean: false,
      packetSize: PACKET_SIZE,
      inflight: WINDOW,
      receiveMaximum: 0xffff,
      reconnectPeriod: 5,
      reconnectMaximum: 50,
      onMessage: (message) => this.#take(message),
      onDelivered: (identifier) => this.#delivered(identifier),
      onWritable: () => this.#publishWaiting(),
    });
  }

  /** Resolves when it is subscribed to everything that devices publish. */
  static async connect(broker: Broker, trace: Trace): Promise<Witness> {
    const witness = new OwnWitness(broker, trace);
    const isSubscribed = await within(PATIENCE, (done) => {
      witness.#client.subscribe({ filter: ALL_UP, qos: 2 }, done);
      witness.#client.connect();
    });
    if (!isSubscribed) throw new Error("the witness could not subscribe");
    return witness;
  }

  join(seed: number, listener: (message: LedgerMessage) => void): void {
    this.#listeners.set(seed, listener);
  }

  leave(seed: number): void {
    this.#listeners.delete(seed);
  }

  publish(message: LedgerMessage, done: () => void): void {
    if (message.qos === 0) this.#client.publish(message.topic, message.payload);
    else {
      this.#waiting.push({ message, done });
      this.#publishWaiting();
    }
  }

  async end(): Promise<void> {
    this.#client.close();
    await Promise.resolve();
  }

  #publishWaiting(): void {
    for (let next = this.#waiting.at(0); next; next = this.#waiting.at(0)) {
      const { topic, payload, qos } = next.message;
      const identifier = this.#client.publish(topic, payload, qos);
      if (identifier === WOULD_BLOCK) return;
      this.#waiting.shift();
      this.#underWay.set(identifier, next.done);
    }
  }

  #delivered(identifier: number): void {
    this.#underWay.get(identifier)?.();
    this.#underWay.delete(identifier);
    this.#publishWaiting();
  }

  #take({ topic, qos, payload }: Message): void {
    this.#listeners.tell({ topic, qos, payload });
  }
}
