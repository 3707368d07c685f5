import {
  connack,
  firstPacket,
  pingresp,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  suback,
  toHex,
  unsuback,
  concat,
  type ClientPacket,
  type QoS,
} from "../support/packets.js";
import { demand } from "./demand.js";

/** A message on its way from the broker to the client. */
export interface OutgoingMessage {
  readonly number: number;
  readonly qos: QoS;
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** One that has been sent: `released` from the PUBREC on. */
interface Inflight {
  readonly identifier: number;
  readonly message: OutgoingMessage;
  released: boolean;
}

/** A message that the client published, as it arrived. */
export interface Arrival {
  readonly qos: QoS;
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** Few identifiers, so that they are used again and again. */
const IDENTIFIERS = 6;
/** Bytes of a CONNACK. */
const CONNACK_SIZE = 4;

/**
 * A broker for one client, in memory, that keeps the state of a session as the standard says (MQTT 3.1.1, 4.1 and 4.3),
 * and that throws where the client breaks a rule that a server can see.
 *
 * Bytes go in with `receive`; what it answers waits for the test to `take` it.
 */
export class ModelBroker {
  /** The messages that the broker took over, once each with QoS 2, in order. */
  readonly arrivals: Arrival[] = [];
  /** Filters that the client is subscribed to. */
  readonly subscriptions = new Set<string>();
  /** How often the session was lost. */
  losses = 0;
  /** Messages that were lost with a session, by their number. */
  readonly lost = new Set<number>();
  /** Whether CONNECTs are answered with a refusal. */
  refuses = false;

  readonly #window: number;
  // The connection.
  #input: Uint8Array = new Uint8Array();
  #output: Uint8Array = new Uint8Array();
  /** Bytes of a CONNACK that have not left; the client does not know what it says. */
  #unannounced = 0;
  #phase: "offline" | "open" | "connected" | "ended" = "offline";
  /** What the client owes, in the order it owes it: packets as `toHex` gives them. */
  #owed: Record<"PUBACK" | "PUBREC" | "PUBCOMP", number[]> = { PUBACK: [], PUBREC: [], PUBCOMP: [] };
  #firstPublishes = new Set<number>();
  // The session.
  #hasSession = false;
  #isNewSession = false;
  /** QoS 2 messages taken over and not released yet, in the order in which the client got, or will get, the PUBRECs. */
  #unreleased: number[] = [];
  #inflight: Inflight[] = [];
  #queue: OutgoingMessage[] = [];
  #lastIdentifier = 0;

  /** @param window how many QoS 1 and 2 messages are sent to the client before the first is acknowledged. */
  constructor(window: number) {
    this.#window = window;
  }

  /** Whether the client is connected, as far as the broker knows. */
  get connected(): boolean {
    return this.#phase === "connected";
  }

  /** Whether nothing is under way in either direction. */
  get idle(): boolean {
    return this.connected && !this.hasOutput && this.#inflight.length === 0 && this.#queue.length === 0 && this.#unreleased.length === 0;
  }

  /** The stream is open. */
  opened(): void {
    this.#phase = "open";
    this.#input = new Uint8Array();
    this.#output = new Uint8Array();
    this.#owed = { PUBACK: [], PUBREC: [], PUBCOMP: [] };
    this.#firstPublishes = new Set();
  }

  /**
   * The stream is gone. A session whose beginning the client has not heard of is not kept: in 3.1.1 the client could
   * not know, at the next CONNACK, that the session which is present is another one than its own.
   */
  closed(): void {
    this.#phase = "offline";
    this.#output = new Uint8Array();
    if (this.#unannounced > 0 && this.#isNewSession) this.#hasSession = false;
    this.#unannounced = 0;
  }

  /** Whether bytes for the client wait. */
  get hasOutput(): boolean {
    return this.#output.length > 0;
  }

  /** The next bytes for the client, at most `count`. */
  take(count: number): Uint8Array {
    const bytes = this.#output.slice(0, count);
    this.#output = this.#output.slice(bytes.length);
    this.#unannounced = Math.max(0, this.#unannounced - bytes.length);
    return bytes;
  }

  /** The broker forgets the session; only between connections. */
  forget(): void {
    if (this.#phase !== "offline") throw new Error("a session cannot be lost while it is in use");
    this.#newSession();
  }

  /** Sends a message to the client, now or when it comes back, if it is subscribed. Returns whether it is. */
  publish(message: OutgoingMessage): boolean {
    if (!this.subscriptions.has("in/#")) return false;
    if (message.qos > 0) this.#queue.push(message);
    else if (this.connected) this.#send(publish(message));
    this.#pump();
    return true;
  }

  /** Bytes from the client. */
  receive(bytes: Uint8Array): void {
    this.#input = concat(this.#input, bytes);
    for (let packet = firstPacket(this.#input); packet; packet = firstPacket(this.#input)) {
      this.#input = this.#input.slice(packet.bytes.length);
      this.#take(packet);
    }
    this.#pump();
  }

  #take(packet: ClientPacket): void {
    if (packet.type === "CONNECT") {
      demand(this.#phase === "open", "a second CONNECT, or one after the end");
      this.#takeConnect(packet);
      return;
    }
    demand(this.#phase !== "open", `${packet.type} before CONNECT`);
    demand(this.#phase !== "ended", `${packet.type} after DISCONNECT: ${toHex(packet.bytes)}`);
    demand(this.#phase === "connected", `${packet.type} before CONNACK`);
    switch (packet.type) {
      case "PUBLISH":
        this.#takePublish(packet);
        break;
      case "PUBREL":
        this.#takePubrel(packet.identifier);
        break;
      case "PUBACK":
      case "PUBREC":
      case "PUBCOMP":
        this.#takeAcknowledgement(packet.type, packet.identifier);
        break;
      case "SUBSCRIBE":
        for (const { topicFilter } of packet.subscriptions) this.subscriptions.add(topicFilter);
        this.#send(suback(packet.identifier, ...packet.subscriptions.map(({ qos }) => qos)));
        break;
      case "UNSUBSCRIBE":
        for (const filter of packet.topicFilters) this.subscriptions.delete(filter);
        this.#send(unsuback(packet.identifier));
        break;
      case "PINGREQ":
        this.#send(pingresp());
        break;
      case "DISCONNECT":
        this.#phase = "ended";
        break;
    }
  }

  #takeConnect({ clean }: ClientPacket<"CONNECT">): void {
    if (this.refuses) {
      this.refuses = false;
      this.#phase = "ended";
      this.#send(connack({ returnCode: 3 }));
      return;
    }
    if (clean && this.#hasSession) this.#newSession();
    this.#phase = "connected";
    this.#send(connack({ sessionPresent: this.#hasSession }));
    this.#unannounced = CONNACK_SIZE;
    this.#isNewSession = !this.#hasSession;
    this.#hasSession = true;
    for (const each of this.#inflight) this.#sendInflight(each, true);
  }

  #newSession(): void {
    if (this.#hasSession) this.losses++;
    this.#hasSession = false;
    for (const { message } of this.#inflight) this.lost.add(message.number);
    for (const { number } of this.#queue) this.lost.add(number);
    this.#inflight = [];
    this.#queue = [];
    this.#unreleased = [];
    this.subscriptions.clear();
  }

  #takePublish(packet: ClientPacket<"PUBLISH">): void {
    const { qos, identifier, dup, topic, payload } = packet;
    if (qos > 0) this.#checkDuplicate(identifier, dup);
    if (qos === 1) this.#send(puback(identifier));
    if (qos === 2) {
      const isRepeated = this.#unreleased.includes(identifier);
      demand(!isRepeated || dup, `PUBLISH without DUP under identifier ${identifier}, which is in use [MQTT-2.3.1-4]`);
      this.#unreleased = [...this.#unreleased.filter((other) => other !== identifier), identifier];
      this.#send(pubrec(identifier));
      if (isRepeated) return;
    }
    this.arrivals.push({ qos, topic, payload });
  }

  /** On one connection, no PUBLISH is sent again before it is acknowledged (4.4). */
  #checkDuplicate(identifier: number, dup: boolean): void {
    demand(!(dup && this.#firstPublishes.has(identifier)), `PUBLISH ${identifier} was repeated on one connection`);
    this.#firstPublishes.add(identifier);
  }

  #takePubrel(identifier: number): void {
    const at = this.#unreleased.indexOf(identifier);
    demand(at <= 0, `PUBREL ${identifier} out of the order of the PUBRECs, ${this.#unreleased.join()} [MQTT-4.6.0-4]`);
    if (at === 0) this.#unreleased.shift();
    this.#send(pubcomp(identifier));
  }

  #takeAcknowledgement(type: "PUBACK" | "PUBREC" | "PUBCOMP", identifier: number): void {
    const owed = this.#owed[type].shift();
    demand(owed === identifier, `${type} ${identifier} where ${owed ?? "nothing"} was owed [MQTT-4.6.0-2, -3]`);
    const inflight = this.#inflight.find((each) => each.identifier === identifier);
    if (inflight === undefined) throw new Error(`the model has lost message ${identifier}`);
    if (type === "PUBREC") {
      inflight.released = true;
      this.#sendInflight(inflight, false);
    } else this.#inflight = this.#inflight.filter((each) => each !== inflight);
  }

  /** Sends what the window allows of what waits. */
  #pump(): void {
    while (this.connected && this.#inflight.length < this.#window) {
      const message = this.#queue.shift();
      if (message === undefined) return;
      do this.#lastIdentifier = (this.#lastIdentifier % IDENTIFIERS) + 1;
      while (this.#inflight.some(({ identifier }) => identifier === this.#lastIdentifier));
      const inflight = { identifier: this.#lastIdentifier, message, released: false };
      this.#inflight.push(inflight);
      this.#sendInflight(inflight, false);
    }
  }

  #sendInflight({ identifier, message, released }: Inflight, dup: boolean): void {
    this.#owed[released ? "PUBCOMP" : message.qos === 1 ? "PUBACK" : "PUBREC"].push(identifier);
    this.#send(released ? pubrel(identifier) : publish({ ...message, identifier, dup }));
  }

  #send(bytes: Uint8Array): void {
    this.#output = concat(this.#output, bytes);
  }
}
