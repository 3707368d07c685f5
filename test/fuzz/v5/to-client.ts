import { publish, pubrel, type ClientPacket, type Property } from "../../support/v5/packets.js";
import { demand } from "../demand.js";
import type { OutgoingMessage as PlainMessage } from "../model-broker.js";
import type { OutputQueue } from "./output-queue.js";

/** A message on its way from the broker to the client. */
export interface OutgoingMessage extends PlainMessage {
  /** The alias to send it with, if the client takes it; 0 for none. */
  readonly alias: number;
  readonly properties: readonly Property[];
}

/** One that has been sent: `released` from the PUBREC on. */
interface Inflight {
  readonly identifier: number;
  readonly message: OutgoingMessage;
  released: boolean;
}

type Acknowledgement = ClientPacket<"PUBACK" | "PUBREC" | "PUBCOMP">;

/** Few identifiers, so that they are used again and again; but more than can be under way. */
const IDENTIFIERS = 16;

/** How a broker gets its messages to one client, within the client's Receive Maximum and Topic Alias Maximum. */
export class ToClient {
  /** Messages that were lost with a session, by their number. */
  readonly lost = new Set<number>();
  /** Messages that the application has refused, by their number, and with which reason code. */
  readonly refused = new Map<number, number>();

  readonly #output: OutputQueue;
  // The connection.
  #receiveMaximum = 0;
  #topicAliasMaximum = 0;
  readonly #aliases = new Map<number, string>();
  /** Identifiers of messages published in this connection whose exchange is not over (4.9). */
  readonly #quota = new Set<number>();
  /** What the client owes, in the order it owes it. */
  #owed: Record<Acknowledgement["type"], number[]> = { PUBACK: [], PUBREC: [], PUBCOMP: [] };
  // The session.
  #inflight: Inflight[] = [];
  #queue: OutgoingMessage[] = [];
  #lastIdentifier = 0;

  constructor(output: OutputQueue) {
    this.#output = output;
  }

  get idle(): boolean {
    return this.#inflight.length === 0 && this.#queue.length === 0;
  }

  /** Another connection begins. */
  connected(receiveMaximum: number, topicAliasMaximum: number): void {
    this.#receiveMaximum = receiveMaximum;
    this.#topicAliasMaximum = topicAliasMaximum;
    this.#aliases.clear();
    this.#quota.clear();
    this.#owed = { PUBACK: [], PUBREC: [], PUBCOMP: [] };
  }

  /** The session goes on: what is under way is sent again (4.4), in its order. */
  resume(): void {
    for (const each of this.#inflight) this.#send(each, true);
  }

  /** The session is lost. */
  forget(): void {
    for (const { message } of this.#inflight) this.lost.add(message.number);
    for (const { number } of this.#queue) this.lost.add(number);
    this.#inflight = [];
    this.#queue = [];
    this.#lastIdentifier = 0;
  }

  /** @param isConnected QoS 0 messages go out now or never. */
  publish(message: OutgoingMessage, isConnected: boolean): void {
    if (message.qos > 0) this.#queue.push(message);
    else if (isConnected) this.#output.add(publish(this.#aliased(message)));
  }

  take(packet: Acknowledgement): void {
    const { type, identifier, reasonCode } = packet;
    const owed = this.#owed[type].shift();
    demand(owed === identifier, `${type} ${identifier} where ${owed ?? "nothing"} was owed [MQTT-4.6.0-2, -3]`);
    const inflight = this.#inflight.find((each) => each.identifier === identifier);
    if (inflight === undefined) throw new Error(`the model has lost message ${identifier}`);
    if (type === "PUBREC" && reasonCode < 0x80) {
      inflight.released = true;
      this.#send(inflight, false);
      return;
    }
    if (type !== "PUBCOMP" && reasonCode >= 0x80) this.refused.set(inflight.message.number, reasonCode);
    this.#inflight = this.#inflight.filter((each) => each !== inflight);
    this.#quota.delete(identifier);
  }

  /** Sends what the client's Receive Maximum allows of what waits. */
  pump(): void {
    while (this.#quota.size < this.#receiveMaximum && this.#inflight.length < IDENTIFIERS) {
      const message = this.#queue.shift();
      if (message === undefined) return;
      do this.#lastIdentifier = (this.#lastIdentifier % IDENTIFIERS) + 1;
      while (this.#inflight.some(({ identifier }) => identifier === this.#lastIdentifier));
      const inflight = { identifier: this.#lastIdentifier, message, released: false };
      this.#inflight.push(inflight);
      this.#send(inflight, false);
    }
  }

  #send({ identifier, message, released }: Inflight, dup: boolean): void {
    this.#owed[released ? "PUBCOMP" : message.qos === 1 ? "PUBACK" : "PUBREC"].push(identifier);
    if (released) this.#output.add(pubrel(identifier));
    else {
      this.#quota.add(identifier);
      this.#output.add(publish({ ...this.#aliased(message), identifier, dup }));
    }
  }

  /** The message with its alias, and without its topic where the client knows what the alias stands for. */
  #aliased(message: OutgoingMessage): OutgoingMessage {
    const { alias, topic, properties } = message;
    if (alias === 0 || alias > this.#topicAliasMaximum) return message;
    const isKnown = this.#aliases.get(alias) === topic;
    this.#aliases.set(alias, topic);
    return { ...message, topic: isKnown ? "" : topic, properties: [...properties, ["topicAlias", alias]] };
  }
}
