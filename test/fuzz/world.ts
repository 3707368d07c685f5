import { Client, WOULD_BLOCK, type Message } from "mqtt-xs";
import { ManualClock } from "../support/manual-clock.js";
import type { QoS } from "../support/packets.js";
import type { Command, Reaction } from "./commands.js";
import { FuzzTransport } from "./fuzz-transport.js";
import { ModelBroker, type OutgoingMessage } from "./model-broker.js";
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
const STEPS = 200_000;
/** Turns in which everything under way must come to rest once nothing goes wrong any more. */
const TURNS = 400;

/** A client, a broker, and a network between them that does what it is told. */
export class World {
  readonly broker = new ModelBroker(LIMITS.receiveMaximum);
  readonly published: Published[] = [];
  readonly sentByServer: OutgoingMessage[] = [];
  readonly received: Received[] = [];
  readonly errors: string[] = [];
  /** Filters that the application is subscribed to in the end. */
  readonly wanted = new Set<string>(["in/#"]);

  readonly #clock = new ManualClock(2 ** 32 - 5_000);
  readonly #transport = new FuzzTransport(STEPS);
  readonly #client: Client;
  #number = 0;
  #pieces: number[] = [];
  #reaction: Reaction | undefined;
  #isSettling = false;

  constructor(clean: boolean) {
    this.#transport.onClosed = (sent) => {
      this.broker.receive(sent);
      this.broker.closed();
    };
    this.#client = new Client({
      transport: this.#transport,
      clock: this.#clock,
      random: () => 0.5,
      clientId: "fuzz",
      clean,
      keepalive: 30,
      ...LIMITS,
      onConnect: () => this.#react(),
      onDisconnect: () => this.#react(),
      onMessage: () => this.errors.push("a message went past its handler"),
      onDelivered: (identifier) => this.#delivered(identifier),
      onWritable: () => this.#react(),
      onError: (error) => this.errors.push(error.code),
    });
    this.#client.subscribe({ filter: "in/#", qos: 2, handler: (message) => this.#message(message) });
  }

  do(command: Command): void {
    switch (command.does) {
      case "publish":
        this.#publish(command.qos, command.size, command.from);
        break;
      case "subscribe":
        if (this.#client.subscribe({ filter: command.filter, qos: 1 }) !== WOULD_BLOCK) this.wanted.add(command.filter);
        break;
      case "unsubscribe":
        if (this.#client.unsubscribe(command.filter) !== WOULD_BLOCK) this.wanted.delete(command.filter);
        break;
      case "close":
        this.#client.close();
        break;
      case "connect":
        this.#connect();
        break;
      case "resume":
        this.#client.resume();
        break;
      case "react":
        this.#reaction = command.how;
        break;
      case "server publishes":
        this.#serverPublishes(command.qos, command.size);
        break;
      case "server forgets":
        if (this.#transport.isOpen) this.#drop();
        this.broker.forget();
        break;
      case "server refuses":
        this.broker.refuses = true;
        break;
      case "accept":
        this.#accept();
        break;
      case "refuse":
        if (this.#transport.isOpening) this.#transport.refuse();
        break;
      case "drop":
        if (this.#transport.isOpen) this.#drop();
        break;
      case "to server":
        if (this.#transport.isOpen) this.broker.receive(this.#transport.takeSent(command.count));
        break;
      case "to client":
        this.#toClient(command.count);
        break;
      case "room":
        this.#transport.room = 0;
        this.#transport.makeRoom(command.bytes);
        break;
      case "time":
        this.#clock.advance(command.milliseconds);
        break;
    }
    const violation = this.#transport.violations.at(0);
    if (violation) throw violation;
  }

  /** From now on nothing goes wrong, and everything under way arrives. */
  settle(): void {
    this.#isSettling = true;
    this.#reaction = undefined;
    this.broker.refuses = false;
    for (let turn = 0; turn < TURNS; turn++) {
      for (const does of ["connect", "accept", "resume"] as const) this.do({ does });
      this.do({ does: "room", bytes: 100_000 });
      this.do({ does: "to server", count: 100_000 });
      this.do({ does: "to client", count: 100_000 });
      if (this.broker.idle && this.#client.inflight === 0 && this.#transport.sent.length === 0 && turn > 3) return;
      if (!this.#client.connected && !this.#transport.isOpen) this.#clock.advance(this.#clock.untilNext ?? 0);
    }
    throw new Error(`not at rest: ${this.#client.inflight} messages under way, connected: ${this.#client.connected}`);
  }

  /** Ends the connection in order. */
  end(): void {
    this.#client.close();
  }

  #connect(): void {
    try {
      this.#client.connect();
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ERR_STATE")) throw error;
    }
  }

  #accept(): void {
    if (!this.#transport.isOpening) return;
    this.broker.opened();
    this.#transport.accept();
  }

  #drop(): void {
    this.#transport.takeSent();
    this.broker.closed();
    this.#transport.drop();
  }

  #toClient(count: number): void {
    if (this.#transport.isOpen && this.broker.hasOutput) this.#transport.deliver(this.broker.take(count));
  }

  #publish(qos: QoS, size: number, from: "bytes" | "source"): void {
    const number = ++this.#number;
    const payload = numberedPayload(number, size);
    const identifier = this.#client.publish(`out/${qos}`, from === "bytes" ? payload : new HaltingSource(payload), qos);
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
    this.#react();
  }

  #message(message: Message): void {
    if (message.offset === 0) this.#pieces = [];
    if (message.offset !== this.#pieces.length) this.errors.push(`a piece at ${message.offset} after ${this.#pieces.length} bytes`);
    this.#pieces.push(...message.payload);
    if (this.#pieces.length === message.total) this.#whole(Uint8Array.from(this.#pieces), message);
    this.#react();
  }

  #whole(payload: Uint8Array, { qos, topic }: Message): void {
    const number = numberOf(payload);
    const sent = this.sentByServer.find((each) => each.number === number);
    if (sent?.topic !== topic || sent.qos !== qos || Buffer.compare(sent.payload, payload) !== 0)
      this.errors.push(`message ${number} on ${topic} is not what was sent`);
    this.received.push({ number, qos });
  }

  /** Does, inside a callback, what the test has asked for. */
  #react(): void {
    const reaction = this.#reaction;
    if (this.#isSettling || reaction === undefined) return;
    this.#reaction = undefined;
    if (reaction === "publish") this.#publish(1, 5, "bytes");
    else if (reaction === "subscribe") this.do({ does: "subscribe", filter: "other/1" });
    else if (reaction === "resume") this.#client.resume();
    else this.#client.close();
    if (reaction === "close and connect") this.#connect();
  }
}
