import type { ErrorCode } from "mqtt-xs";
import { auth, puback, pubcomp, pubrec, pubrel, toHex, type Property } from "../../support/v5/packets.js";
import {
  encode,
  type AcknowledgementPacket,
  type AcknowledgementType,
  type AnswerPacket,
  type PublishPacket,
  type ReasonPacket,
  type ServerPacket,
} from "./generators.js";
import { AUTHENTICATION_METHOD, LIMITS, OWN } from "./prepared-client.js";
import { answerTo, isUnacceptable, writtenOf, type Written } from "./recording.js";

/** Why a connection must end. */
export interface Ending {
  readonly error: ErrorCode;
  /** The reason codes that the client's DISCONNECT may have; none may be sent where this is empty. */
  readonly reasonCodes: readonly number[];
  /** What the application is given with the error. */
  readonly properties: readonly Written[];
}

/** What the standard wants of a client that gets these packets; pieces of a message put together. */
export interface Expected {
  /** As `Recording` has them, but messages whole and with their payload at the end. */
  readonly events: readonly unknown[][];
  /** What the client sends, by kind, in hexadecimal; but DISCONNECT. */
  readonly sent: Readonly<Record<string, string[]>>;
  /** Unless the connection goes on. */
  readonly ending: Ending | undefined;
}

const HANDLERS = [
  { name: "in/#", topics: /^in(\/|$)/, subscriptionIdentifier: 0 },
  { name: "b/# too", topics: /^b(\/|$)/, subscriptionIdentifier: OWN.subscriptionIdentifier },
] as const;

/** Works it out from the standard and from what the README says of routing, with none of the client's code. */
export function expectedOf(packets: readonly ServerPacket[]): Expected {
  const model = new ClientModel();
  for (const packet of packets) {
    model.take(packet);
    if (model.ending !== undefined) break;
  }
  return model;
}

/** What a client knows of one connection. */
class ClientModel implements Expected {
  readonly events: unknown[][] = [];
  readonly sent: Record<string, string[]> = {};
  ending: Ending | undefined;

  readonly #awaited = new Map<number, AcknowledgementType>([
    [OWN.awaitingPuback, "PUBACK"],
    [OWN.awaitingPubcomp, "PUBCOMP"],
    [OWN.awaitingPubrec, "PUBREC"],
  ]);
  readonly #requests = new Map<number, readonly [type: string, name: string, handlers: readonly string[]]>([
    [OWN.subscribe, ["SUBACK", "subscribed", ["in/#"]]],
    [OWN.subscribeIdentified, ["SUBACK", "subscribed, identified", ["b/# too"]]],
    [OWN.unsubscribe, ["UNSUBACK", "unsubscribed", []]],
  ]);
  readonly #unsubscribed = new Set<string>();
  readonly #unreleased = new Set<number>();
  readonly #aliases = new Map<number, string>();
  #isAuthenticating = true;

  take(packet: ServerPacket): void {
    const size = encode(packet).length;
    if (size > LIMITS.maximumPacketSize) this.#end("ERR_PROTOCOL", 0x95);
    else if (packet.type === "PUBLISH") this.#takePublish(packet, size);
    else if (size > LIMITS.packetSize) this.#end("ERR_RECEIVE_SIZE", 0x95, 0x97);
    else this.#takeOther(packet);
  }

  #takeOther(packet: Exclude<ServerPacket, PublishPacket>): void {
    switch (packet.type) {
      case "SUBACK":
      case "UNSUBACK":
        this.#takeAnswer(packet);
        break;
      case "AUTH":
        this.#takeAuthentication(packet);
        break;
      case "DISCONNECT":
        this.#takeDisconnect(packet);
        break;
      case "PINGRESP":
        break;
      default:
        this.#takeAcknowledgement(packet);
    }
  }

  #takePublish(packet: PublishPacket, size: number): void {
    const { qos, identifier } = packet;
    const hasRoom = size <= LIMITS.packetSize || size - packet.payload.length < LIMITS.packetSize;
    const topic = hasRoom ? this.#topicOf(packet) : undefined;
    const isRepeated = qos === 2 && this.#unreleased.has(identifier);
    if (!hasRoom) this.#end("ERR_RECEIVE_SIZE", 0x95, 0x97);
    else if (topic === undefined) return;
    else if (qos > 0 && !isRepeated && this.#unreleased.size === LIMITS.receiveMaximum) this.#end("ERR_PROTOCOL", 0x93);
    else this.#takeMessage(packet, topic, isRepeated);
  }

  #takeMessage(packet: PublishPacket, topic: string, isRepeated: boolean): void {
    const { qos, identifier, retain, dup, properties } = packet;
    const head = { topic, qos, retain, duplicate: dup, properties: writtenOf(properties) };
    const handlers = isRepeated ? [] : this.#handlersOf(topic, properties);
    for (const name of handlers) this.events.push(["message", name, head, toHex(packet.payload)]);
    const reasonCode = isRepeated ? 0 : answerTo(packet.payload);
    if (qos === 1) this.#send("PUBACK", puback(identifier, reasonCode));
    if (qos === 2) this.#send("PUBREC", pubrec(identifier, reasonCode));
    if (qos === 2 && reasonCode === 0) this.#unreleased.add(identifier);
  }

  /** The topic, by its alias too; `undefined` where there is none, and the connection ends. */
  #topicOf({ topic, properties }: PublishPacket): string | undefined {
    const alias = properties.find(([name]) => name === "topicAlias")?.[1];
    if (typeof alias !== "number") return topic;
    if (alias === 0 || alias > LIMITS.topicAliasMaximum) this.#end("ERR_PROTOCOL", 0x94);
    else if (Buffer.byteLength(topic) > LIMITS.topicAliasSize) this.#end("ERR_RECEIVE_SIZE", 0x97);
    else if (topic === "" && !this.#aliases.has(alias)) this.#end("ERR_PROTOCOL", 0x82);
    else {
      if (topic !== "") this.#aliases.set(alias, topic);
      return this.#aliases.get(alias);
    }
    return undefined;
  }

  #handlersOf(topic: string, properties: readonly Property[]): string[] {
    const identifiers = properties.filter(([name]) => name === "subscriptionIdentifier").map(([, value]) => value);
    const found = HANDLERS.filter(({ name, topics, subscriptionIdentifier }) => {
      if (this.#unsubscribed.has(name)) return false;
      return subscriptionIdentifier > 0 && identifiers.length > 0 ? identifiers.includes(subscriptionIdentifier) : topics.test(topic);
    });
    return found.length > 0 ? found.map(({ name }) => name) : ["onMessage"];
  }

  #takeAcknowledgement({ type, identifier, reasonCode, properties }: AcknowledgementPacket): void {
    if (type === "PUBREL") {
      const isKnown = this.#unreleased.delete(identifier);
      this.#send("PUBCOMP", pubcomp(identifier, isKnown ? 0 : 0x92));
      return;
    }
    const awaited = this.#awaited.get(identifier);
    if (type === "PUBREC" && awaited !== undefined && awaited !== "PUBACK" && reasonCode < 0x80) {
      this.#awaited.set(identifier, "PUBCOMP");
      this.#release(identifier, 0);
    } else if (type === "PUBREC" && awaited === undefined) {
      if (reasonCode < 0x80) this.#release(identifier, 0x92);
    } else if (type === awaited) {
      this.#awaited.delete(identifier);
      this.events.push(["delivered", identifier, reasonCode, writtenOf(properties)]);
    }
  }

  /** PUBRELs for the client's own messages count once each: see `byKind`. */
  #release(identifier: number, reasonCode: number): void {
    const bytes = pubrel(identifier, reasonCode);
    const isOwn = identifier === OWN.awaitingPubrec || identifier === OWN.awaitingPubcomp;
    if (!isOwn) this.#send("stray PUBREL", bytes);
    else if (!(this.sent["PUBREL"] ??= []).includes(toHex(bytes))) this.#send("PUBREL", bytes);
  }

  #takeAnswer({ type, identifier, codes, properties }: AnswerPacket): void {
    const [awaited, name, handlers] = this.#requests.get(identifier) ?? [];
    if (type !== awaited || handlers === undefined) return;
    this.#requests.delete(identifier);
    if (codes[0] >= 0x80) handlers.forEach((each) => this.#unsubscribed.add(each));
    this.events.push([name, [...codes], writtenOf(properties)]);
  }

  #takeAuthentication({ reasonCode, properties }: ReasonPacket): void {
    const given = properties.find(([name]) => name === "authenticationData")?.[1];
    const data = given instanceof Uint8Array ? given : new Uint8Array();
    if (this.#isAuthenticating) this.events.push([reasonCode === 0 ? "finish" : "challenge", toHex(data)]);
    if (!this.#isAuthenticating) this.#end("ERR_PROTOCOL", 0x82);
    else if (isUnacceptable(data)) this.#end("ERR_AUTHENTICATION", 0x80, 0x83);
    else if (reasonCode === 0) this.events.push(["authenticated"]);
    else this.#send("AUTH", auth(0x18, [["authenticationMethod", AUTHENTICATION_METHOD], ["authenticationData", data]]));
    this.#isAuthenticating &&= reasonCode !== 0;
  }

  #takeDisconnect({ properties }: ReasonPacket): void {
    this.ending = { error: "ERR_DISCONNECTED", reasonCodes: [], properties: writtenOf(properties) };
  }

  #end(error: ErrorCode, ...reasonCodes: readonly number[]): void {
    this.ending = { error, reasonCodes, properties: [] };
  }

  #send(kind: string, packet: Uint8Array): void {
    (this.sent[kind] ??= []).push(toHex(packet));
  }
}
