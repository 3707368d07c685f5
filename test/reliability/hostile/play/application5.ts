// Runs on XS, too: nothing of Node's.
import type { Clock, QoS, Transport } from "mqtt-xs";
import { Client, type ClientOptions, Properties, type Subscription, Topic } from "mqtt-xs/v5";
import { Answers } from "./answers.js";
import { type Credentials, FILTERS, LIMITS as SAME, SIZES } from "./application3.js";
import { HaltingSource } from "./halting-source.js";
import { HALTING } from "./script.js";
import { type Application, CLEAN, KEEPALIVE, ONCE, PLAIN, ROOMY } from "./stage.js";
import type { Witness5 } from "./witness.js";

/** The limits of the client: small, so that they matter; `packetSize` four times as large where the setup says `ROOMY`. */
export const LIMITS = { ...SAME, packetSize: 128, topicAliases: 2 } as const;
/** What the client announces, unless the setup says `PLAIN`. */
export const ANNOUNCED = {
  maximumPacketSize: 280,
  topicAliasMaximum: 3,
  topicAliasSize: 24,
  requestResponseInformation: true,
} as const;
export const AUTHENTICATION_METHOD = "M";

const CONNACK = Uint8Array.of(0x20, 3, 0, 0, 0);
/** With the Authentication Method. */
const CONNACK_M = Uint8Array.of(0x20, 7, 0, 0, 4, 21, 0, 1, 0x4d);
const PUBREC_2 = Uint8Array.of(0x50, 2, 0, 2);

/** An application of MQTT 5.0. */
export class Application5 implements Application {
  readonly client: Client;
  readonly answers = new Answers();
  readonly #witness: Witness5;
  readonly #react: () => void;
  /** Payloads that halt: the latest, which may be under way. */
  #halting: HaltingSource[] = [];
  readonly #topic = new Topic("out/1");
  readonly #isPlain: boolean;
  readonly #properties = new Properties({ contentType: "a/b", userProperties: { c: "d" } });
  readonly #identified = new Properties({ subscriptionIdentifier: 7 });

  /**
   * @param react is called in each callback.
   * @param credentials goes into CONNECT besides what scripts need.
   */
  constructor(
    setup: number,
    transport: Transport,
    clock: Clock,
    witness: Witness5,
    react: () => void,
    credentials: Credentials = {},
  ) {
    this.#witness = witness;
    this.#react = react;
    this.#isPlain = (setup & PLAIN) !== 0;
    const { authenticator } = witness.callbacks;
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
      ...(this.#isPlain ? { clientId: setup & CLEAN ? "" : "c", requestProblemInformation: false } : ANNOUNCED),
      ...(authenticator && !this.#isPlain && { authenticator }),
      ...this.#callbacks(),
    });
  }

  publish(argument: number): void {
    const topic = argument & 0x20 ? this.#topic : "out/2";
    const size = SIZES[(argument >> 2) & 3];
    const payload = argument & HALTING ? this.#source(size) : new Uint8Array(size).fill(0x70);
    const properties = argument & 0x80 ? this.#properties : undefined;
    this.client.publish(topic, payload, ((argument & 3) % 3) as QoS, (argument & 0x40) !== 0, properties);
  }

  subscribe(argument: number): void {
    const first = this.#subscription(argument & 3, argument >> 4);
    const second = this.#subscription((argument >> 2) & 3, argument >> 6);
    const properties = argument & 0x80 ? this.#identified : undefined;
    this.client.subscribe(argument & 0x40 ? [first, second] : first, argument & 0x08 ? this.answers.once() : undefined, properties);
  }

  unsubscribe(argument: number): void {
    this.client.unsubscribe(argument & 4 ? "$share/s/a" : FILTERS[argument & 3], this.answers.once());
  }

  resume(argument: number): void {
    if (argument & 1) {
      this.client.reauthenticate();
      return;
    }
    this.#release();
    this.client.resume();
  }

  prepare(deliver: (bytes: Uint8Array) => void, isFirst: boolean): void {
    const { client } = this;
    deliver(this.#isPlain ? CONNACK : CONNACK_M);
    if (!isFirst || !client.connected) return;
    client.publish(this.#topic, "1", 1);
    client.publish("out", "2", 2);
    client.publish("out", new Uint8Array(SIZES[2]), 2);
    client.subscribe([this.#subscription(0, 2), this.#subscription(1, 0)], this.answers.once());
    client.subscribe(this.#subscription(2, 1), this.answers.once(), this.#identified);
    client.unsubscribe("b/c", this.answers.once());
    if (!this.#isPlain) client.reauthenticate();
    deliver(PUBREC_2);
  }

  #callbacks(): Partial<ClientOptions> {
    const { callbacks } = this.#witness;
    return {
      onConnect: (sessionPresent, properties) => this.#told(() => callbacks.onConnect?.(sessionPresent, properties)),
      onDisconnect: (error, properties) => this.#told(() => callbacks.onDisconnect?.(error, properties)),
      onMessage: (message) => this.#told(() => callbacks.onMessage?.(message)),
      onDelivered: (identifier, reasonCode, properties) =>
        this.#told(() => callbacks.onDelivered?.(identifier, reasonCode, properties)),
      onError: (error) => this.#told(() => callbacks.onError?.(error)),
      onAuthenticated: () => this.#told(() => callbacks.onAuthenticated?.()),
      onWritable: this.#react,
    };
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
