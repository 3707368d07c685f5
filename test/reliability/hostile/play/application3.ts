// Runs on XS, too: nothing of Node's.
import { Client, type ClientOptions, type Clock, type QoS, type Subscription, Topic, type Transport, utf8 } from "mqtt-xs";
import { Answers } from "./answers.js";
import { HaltingSource } from "./halting-source.js";
import { HALTING } from "./script.js";
import { type Application, CLEAN, KEEPALIVE, ONCE, ROOMY } from "./stage.js";
import type { Witness3 } from "./witness.js";

/** The limits of the client: small, so that they matter; four times as large where the setup says `ROOMY`. */
export const LIMITS = { packetSize: 64, inflight: 3, receiveMaximum: 3, subscriptions: 4 } as const;
/** Bytes of payload: fits, just about, not at all, none. */
export const SIZES = [3, 45, 150, 0] as const;
/** What is subscribed to. */
export const FILTERS = ["in/#", "a/+", "b/c", "#"] as const;

const CONNACK = Uint8Array.of(0x20, 2, 0, 0);
const PUBREC_2 = Uint8Array.of(0x50, 2, 0, 2);

/** What nobody but the server may see. */
export type Credentials = Pick<ClientOptions, "username" | "password" | "will">;

/** What the server has to do besides MQTT. */
export interface Carrier {
  /** What comes first. */
  readonly greeting: Uint8Array;
  /** Puts a packet into what carries it. */
  frame(bytes: Uint8Array): Uint8Array;
}

const TCP: Carrier = { greeting: new Uint8Array(0), frame: (bytes) => bytes };

/** An application of MQTT 3.1.1. */
export class Application3 implements Application {
  readonly client: Client;
  readonly answers = new Answers();
  readonly #witness: Witness3;
  readonly #react: () => void;
  /** Payloads that halt: the latest, which may be under way. */
  #halting: HaltingSource[] = [];
  readonly #topic = new Topic("out/1");
  readonly #carrier: Carrier;

  /**
   * @param react is called in each callback.
   * @param credentials goes into CONNECT besides what scripts need.
   */
  constructor(
    setup: number,
    transport: Transport,
    clock: Clock,
    witness: Witness3,
    react: () => void,
    carrier: Carrier = TCP,
    credentials: Credentials = {},
  ) {
    this.#witness = witness;
    this.#react = react;
    this.#carrier = carrier;
    const { callbacks } = witness;
    this.client = new Client({
      transport,
      clock,
      clientId: "c",
      clean: (setup & CLEAN) !== 0,
      keepalive: setup & KEEPALIVE ? 10 : 0,
      reconnectPeriod: setup & ONCE ? 0 : 1_000,
      random: () => 0.5,
      ...credentials,
      ...LIMITS,
      packetSize: setup & ROOMY ? 4 * LIMITS.packetSize : LIMITS.packetSize,
      onConnect: (sessionPresent) => this.#told(() => callbacks.onConnect?.(sessionPresent)),
      onDisconnect: (error) => this.#told(() => callbacks.onDisconnect?.(error)),
      onMessage: (message) => this.#told(() => callbacks.onMessage?.(message)),
      onDelivered: (identifier) => this.#told(() => callbacks.onDelivered?.(identifier)),
      onError: (error) => this.#told(() => callbacks.onError?.(error)),
      onWritable: react,
    });
  }

  publish(argument: number): void {
    const topic = argument & 0x20 ? this.#topic : "out/2";
    const size = SIZES[(argument >> 2) & 3];
    const payload = argument & HALTING ? this.#source(size) : new Uint8Array(size).fill(0x70);
    this.client.publish(topic, payload, ((argument & 3) % 3) as QoS, (argument & 0x40) !== 0);
  }

  subscribe(argument: number): void {
    const first = this.#subscription(argument & 3, argument >> 4);
    const second = this.#subscription((argument >> 2) & 3, argument >> 6);
    this.client.subscribe(argument & 0x40 ? [first, second] : first, argument & 0x80 ? this.answers.once() : undefined);
  }

  unsubscribe(argument: number): void {
    this.client.unsubscribe(FILTERS[argument & 3], this.answers.once());
  }

  resume(): void {
    this.#release();
    this.client.resume();
  }

  prepare(deliver: (bytes: Uint8Array) => void, isFirst: boolean): void {
    const { client } = this;
    const carrier = this.#carrier;
    if (carrier.greeting.length > 0) deliver(carrier.greeting);
    deliver(carrier.frame(CONNACK));
    if (!isFirst || !client.connected) return;
    client.publish(this.#topic, utf8("1"), 1);
    client.publish("out", utf8("2"), 2);
    client.publish("out", new Uint8Array(SIZES[2]), 2);
    client.subscribe([this.#subscription(0, 2), this.#subscription(1, 0)], this.answers.once());
    client.unsubscribe("b/c", this.answers.once());
    deliver(carrier.frame(PUBREC_2));
  }

  #source(size: number): HaltingSource {
    const source = new HaltingSource(size);
    this.#halting = [...this.#halting.slice(-LIMITS.inflight), source];
    return source;
  }

  #release(): void {
    this.#halting.forEach((source) => source.release());
    this.#halting = [];
  }

  #subscription(filter: number, qos: number): Subscription {
    const name = FILTERS[filter];
    const handler = this.#witness.handler(name);
    return { filter: name, qos: ((qos & 3) % 3) as QoS, handler: (message) => this.#told(() => handler(message)) };
  }

  #told(tell: () => void): void {
    tell();
    this.#react();
  }
}
