import { Client, WOULD_BLOCK, type Message } from "mqtt-xs";
import type { QoS } from "../support/packets.js";
import type { Command } from "./commands.js";
import { ModelBroker, type OutgoingMessage } from "./model-broker.js";
import { NetworkWorld, Pieces } from "./network-world.js";
import { HaltingSource, numberedPayload, numberOf } from "./numbered-payload.js";

/** A message that the client took to send. */
export interface Published {
  readonly number: number;
  readonly qos: QoS;
  readonly payload: Uint8Array;
  readonly identifier: number;
  /** How often the server had lost the session before, and before the client said that it was delivered. */
  readonly lossesBefore: number;
  lossesAtDelivery: number | undefined;
}

/** A message from the server that came in whole. */
export interface Received {
  readonly number: number;
  readonly qos: number;
}

const LIMITS = { packetSize: 64, inflight: 3, receiveMaximum: 3, subscriptions: 8 };

/** A client of 3.1.1, a broker, and a network between them that does what it is told. */
export class World extends NetworkWorld {
  readonly broker = new ModelBroker(LIMITS.receiveMaximum);
  readonly published: Published[] = [];
  readonly sentByServer: OutgoingMessage[] = [];
  readonly received: Received[] = [];
  /** Filters that the application is subscribed to in the end. */
  readonly wanted = new Set<string>(["in/#"]);

  protected readonly client: Client;
  #number = 0;
  readonly #pieces = new Pieces();

  constructor(clean: boolean) {
    super();
    this.client = new Client({
      transport: this.transport,
      clock: this.clock,
      random: () => 0.5,
      clientId: "fuzz",
      clean,
      keepalive: 30,
      ...LIMITS,
      onConnect: () => this.react(),
      onDisconnect: () => this.react(),
      onMessage: () => this.errors.push("a message went past its handler"),
      onDelivered: (identifier) => this.#delivered(identifier),
      onWritable: () => this.react(),
      onError: (error) => this.errors.push(error.code),
    });
    this.client.subscribe({ filter: "in/#", qos: 2, handler: (message) => this.#message(message) });
  }

  do(command: Command): void {
    switch (command.does) {
      case "publish":
        this.#publish(command.qos, command.size, command.from);
        break;
      case "subscribe":
      case "unsubscribe":
        this.#askFor(command.filter, command.does);
        break;
      case "server publishes":
        this.#serverPublishes(command.qos, command.size);
        break;
      default:
        this.doNetwork(command);
    }
    this.checkTransport();
  }

  /** What is wanted is known before a callback, from inside the call, wants something else. */
  #askFor(filter: string, what: "subscribe" | "unsubscribe"): void {
    const wasWanted = this.wanted.has(filter);
    if (what === "subscribe") this.wanted.add(filter);
    else this.wanted.delete(filter);
    const identifier = what === "subscribe" ? this.client.subscribe({ filter, qos: 1 }) : this.client.unsubscribe(filter);
    if (identifier !== WOULD_BLOCK) return;
    if (wasWanted) this.wanted.add(filter);
    else this.wanted.delete(filter);
  }

  protected override publishOne(): void {
    this.#publish(1, 5, "bytes");
  }

  protected override subscribeOne(): void {
    this.do({ does: "subscribe", filter: "other/1" });
  }

  #publish(qos: QoS, size: number, from: "bytes" | "source"): void {
    const number = ++this.#number;
    const payload = numberedPayload(number, size);
    const identifier = this.client.publish(`out/${qos}`, from === "bytes" ? payload : new HaltingSource(payload, () => this.react()), qos);
    if (identifier === WOULD_BLOCK) return;
    this.published.push({ number, qos, payload, identifier, lossesBefore: this.broker.losses, lossesAtDelivery: undefined });
  }

  #serverPublishes(qos: QoS, size: number): void {
    const number = ++this.#number;
    const message = { number, qos, topic: `in/${qos}`, payload: numberedPayload(number, size) };
    if (this.broker.publish(message)) this.sentByServer.push(message);
  }

  #delivered(identifier: number): void {
    const message = this.published.find((each) => each.identifier === identifier && each.lossesAtDelivery === undefined);
    if (message?.qos) message.lossesAtDelivery = this.broker.losses;
    else this.errors.push(`delivered ${identifier}, which is not under way`);
    this.react();
  }

  #message(message: Message): void {
    const whole = this.#pieces.take(message, this.errors);
    if (whole) this.#whole(whole, message);
    this.react();
  }

  #whole(payload: Uint8Array, { qos, topic }: Message): void {
    const number = numberOf(payload);
    const sent = this.sentByServer.find((each) => each.number === number);
    if (sent?.topic !== topic || sent.qos !== qos || Buffer.compare(sent.payload, payload) !== 0)
      this.errors.push(`message ${number} on ${topic} is not what was sent`);
    this.received.push({ number, qos });
  }
}
