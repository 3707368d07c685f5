import { puback, pubcomp, pubrec, type ClientPacket, type Property, type QoS } from "../../support/v5/packets.js";
import { demand } from "../demand.js";
import { numberOf } from "../numbered-payload.js";
import type { Limits } from "./announcement.js";
import type { OutputQueue } from "./output-queue.js";

/** A message that the client published, as it arrived. */
export interface Arrival {
  readonly number: number;
  readonly qos: QoS;
  /** Also where an alias stood for it. */
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
  /** Without the Topic Alias. */
  readonly properties: ClientPacket<"PUBLISH">["properties"];
}

/** How a broker takes messages from one client, and holds it to the limits that were announced. */
export class FromClient {
  /** The messages that the broker took over, once each with QoS 2, in order. */
  readonly arrivals: Arrival[] = [];
  /** Messages that it refuses whenever they come, by their number, and with which reason code. */
  readonly refused = new Map<number, number>();
  /** The reason codes for the next messages that it is to refuse. */
  readonly refusals: number[] = [];
  /** How often a topic was left out, and an alias stood for it. */
  aliasesUsed = 0;
  /** The most messages that were under way at once. */
  mostUnderWay = 0;

  readonly #output: OutputQueue;
  readonly #accepted = new Set<number>();
  // The connection.
  #limits: Limits | undefined;
  readonly #aliases = new Map<number, string>();
  readonly #published = new Set<number>();
  /** QoS 1 and 2 messages published in this connection, until what ends their exchange has reached the client. */
  readonly #quota = new Set<number>();
  // The session.
  /** QoS 2 messages taken over and not released yet. */
  readonly #unreleased = new Set<number>();
  /** Those of them whose PUBREC the client has, in the order in which it got them. */
  #received: number[] = [];

  constructor(output: OutputQueue) {
    this.#output = output;
  }

  get idle(): boolean {
    return this.#unreleased.size === 0;
  }

  /** Another connection begins, with these limits. */
  connected(limits: Limits): void {
    this.#limits = limits;
    this.#aliases.clear();
    this.#published.clear();
    this.#quota.clear();
  }

  /** The session is lost. */
  forget(): void {
    this.#unreleased.clear();
    this.#received = [];
  }

  /** The client may not send this message again, since the limits have changed, and so will not release it either. */
  abandon(identifier: number): void {
    this.#unreleased.delete(identifier);
    this.#received = this.#received.filter((each) => each !== identifier);
  }

  takePublish(packet: ClientPacket<"PUBLISH">): void {
    const { qos, retain, payload, identifier } = packet;
    const { maximumQoS, retainAvailable } = this.#limits ?? {};
    demand(qos <= (maximumQoS ?? -1), `QoS ${qos} over Maximum QoS ${maximumQoS ?? "none"} [MQTT-3.2.2-11]`);
    demand(!retain || retainAvailable === true, "RETAIN where there is none [MQTT-3.2.2-14]");
    const topic = this.#topicOf(packet);
    const properties = { ...packet.properties, topicAlias: undefined };
    const arrival = { number: numberOf(payload), qos, topic, payload, retain, properties };
    if (qos === 0) this.arrivals.push(arrival);
    else {
      this.#checkFlow(packet);
      if (qos === 1) this.#takeAtLeastOnce(identifier, arrival);
      else this.#takeExactlyOnce(packet, arrival);
    }
  }

  takePubrel({ identifier, reasonCode }: ClientPacket<"PUBREL">): void {
    demand(reasonCode === 0, `PUBREL ${identifier} with ${reasonCode}, for a PUBREC that was asked for`);
    const isKnown = this.#unreleased.delete(identifier); // when the PUBCOMP was lost, PUBREL comes again
    const at = this.#received.indexOf(identifier);
    demand(!isKnown || at >= 0, `PUBREL ${identifier} before its PUBREC, or out of the order of the PUBRECs [MQTT-4.6.0-4]`);
    // Those overtaken must be published again before: then the client closed or lost the connection before it looked at their PUBRECs.
    if (isKnown) this.#received = this.#received.slice(at + 1);
    this.#end(identifier, pubcomp(identifier, isKnown ? 0 : 0x92));
  }

  /** 3.3.2.3.4. */
  #topicOf({ topic, properties: { topicAlias = 0 } }: ClientPacket<"PUBLISH">): string {
    if (topicAlias === 0) return topic;
    const maximum = this.#limits?.topicAliasMaximum ?? 0;
    demand(topicAlias <= maximum, `Topic Alias ${topicAlias} over Topic Alias Maximum ${maximum} [MQTT-3.2.2-17]`);
    if (topic === "") this.aliasesUsed++;
    else this.#aliases.set(topicAlias, topic);
    const known = this.#aliases.get(topicAlias);
    demand(known !== undefined, `Topic Alias ${topicAlias}, which stands for nothing (3.3.4)`);
    return known;
  }

  /** On one connection, no PUBLISH is sent again before it is acknowledged (4.4), and so many at most are under way (4.9). */
  #checkFlow({ identifier, dup }: ClientPacket<"PUBLISH">): void {
    demand(!(dup && this.#published.has(identifier)), `PUBLISH ${identifier} was repeated on one connection`);
    this.#published.add(identifier);
    this.#quota.add(identifier);
    this.mostUnderWay = Math.max(this.mostUnderWay, this.#quota.size);
    const maximum = this.#limits?.receiveMaximum ?? 0;
    demand(this.#quota.size <= maximum, `${this.#quota.size} messages under way over Receive Maximum ${maximum} [MQTT-3.3.4-7]`);
  }

  #takeAtLeastOnce(identifier: number, arrival: Arrival): void {
    const reasonCode = this.#decide(arrival.number);
    this.#end(identifier, puback(identifier, reasonCode, reasonsFor(arrival)));
    if (reasonCode < 0x80) this.arrivals.push(arrival);
  }

  #takeExactlyOnce({ identifier, dup }: ClientPacket<"PUBLISH">, arrival: Arrival): void {
    const isRepeated = this.#unreleased.has(identifier);
    demand(!isRepeated || dup, `PUBLISH without DUP under identifier ${identifier}, which is in use [MQTT-2.2.1-3]`);
    const reasonCode = isRepeated ? 0 : this.#decide(arrival.number);
    const packet = pubrec(identifier, reasonCode, reasonsFor(arrival));
    if (reasonCode >= 0x80) {
      this.#end(identifier, packet);
      return;
    }
    this.#unreleased.add(identifier);
    this.#output.add(packet, () => (this.#received = [...this.#received.filter((each) => each !== identifier), identifier]));
    if (!isRepeated) this.arrivals.push(arrival);
  }

  /** The same answer whenever the message comes. */
  #decide(number: number): number {
    const before = this.refused.get(number);
    if (before !== undefined) return before;
    const refusal = this.#accepted.has(number) ? undefined : this.refusals.shift();
    if (refusal === undefined) this.#accepted.add(number);
    else this.refused.set(number, refusal);
    return refusal ?? (number % 5 === 0 ? 0x10 : 0);
  }

  /** What ends an exchange; the client knows once it has the whole of it. */
  #end(identifier: number, packet: Uint8Array): void {
    this.#output.add(packet, () => this.#quota.delete(identifier));
  }
}

/** Now and then the broker explains itself. */
function reasonsFor({ number }: Arrival): Property[] {
  return number % 4 === 0 ? [["reasonString", "because"], ["userProperty", ["a", "b"]]] : [];
}
