import {
  concat,
  connack,
  disconnect,
  firstPacket,
  pingresp,
  suback,
  toHex,
  unsuback,
  type ClientPacket,
} from "../../support/v5/packets.js";
import { demand } from "../demand.js";
import type { BrokerSide } from "../network-world.js";
import { limitsOf, propertiesOf, type Announcement, type Limits } from "./announcement.js";
import { FromClient } from "./from-client.js";
import { OutputQueue } from "./output-queue.js";
import { ToClient, type OutgoingMessage } from "./to-client.js";

/** Seconds that stand for ever. */
const FOR_EVER = 0xffffffff;

/** What CONNECT must say. */
export interface ExpectedConnect {
  readonly receiveMaximum: number;
  readonly topicAliasMaximum: number;
  readonly sessionExpiryInterval: number;
  /** Whether every connection is to begin a new session. */
  readonly clean: boolean;
}

/**
 * A broker of 5.0 for one client, in memory, that keeps the state of a session as the standard says, that announces limits and
 * holds the client to them, and that throws where the client breaks a rule that a server can see.
 *
 * Bytes go in with `receive`; what it answers waits for the test to `take` it.
 */
export class ModelBroker5 implements BrokerSide {
  refuses = false;
  /** What the next CONNACK announces. */
  announcement: Announcement = { topicAliasMaximum: 2 };
  /** Filters that the client is subscribed to. */
  readonly subscriptions = new Set<string>();
  /** How often the session was lost. */
  losses = 0;

  readonly #output = new OutputQueue();
  readonly toClient = new ToClient(this.#output);
  readonly fromClient = new FromClient(this.#output);
  readonly #clock: { readonly elapsed: number };
  readonly #expected: ExpectedConnect;
  // The connection.
  #input: Uint8Array = new Uint8Array();
  #phase: "offline" | "open" | "connected" | "ended" | "said good-bye" = "offline";
  #limits: Limits = limitsOf({});
  /** The client knows what CONNACK says. */
  #isAnnounced = false;
  /** The connection goes with the session. */
  #isInUse = false;
  // The session.
  #hasSession = false;
  /** The session is new, and the client had asked for the one it knows. */
  #isUnexpected = false;
  #expiry = 0;
  #expiresAt = Infinity;

  /** @param clock tells milliseconds. */
  constructor(clock: { readonly elapsed: number }, expected: ExpectedConnect) {
    this.#clock = clock;
    this.#expected = expected;
  }

  /** The limits that the client is held to. */
  get limits(): Limits {
    return this.#limits;
  }

  get hasOutput(): boolean {
    return !this.#output.isEmpty;
  }

  get idle(): boolean {
    return this.#phase === "connected" && !this.hasOutput && this.toClient.idle && this.fromClient.idle;
  }

  opened(): void {
    this.#phase = "open";
    this.#input = new Uint8Array();
    this.#output.clear();
  }

  /**
   * The stream is gone. A session whose beginning the client has neither asked for nor heard of is not kept: at the next CONNACK
   * the client could not know that the session which is present is another one than its own.
   */
  closed(): void {
    this.#phase = "offline";
    this.#output.clear();
    if (!this.#isInUse) return;
    this.#isInUse = false;
    if (!this.#isAnnounced && this.#isUnexpected) this.#hasSession = false;
    this.#expiresAt = this.#expiry === FOR_EVER ? Infinity : this.#clock.elapsed + this.#expiry * 1_000;
  }

  take(count: number): Uint8Array {
    return this.#output.take(count);
  }

  /** The broker forgets the session; only between connections. */
  forget(): void {
    demand(this.#phase === "offline", "a session cannot be lost while it is in use");
    this.#newSession();
  }

  /** Says good-bye. */
  disconnect(reasonCode: number): void {
    if (this.#phase !== "connected") return;
    this.#phase = "said good-bye";
    this.#output.add(disconnect(reasonCode, reasonCode === 0x9d ? [["serverReference", "elsewhere"]] : []));
  }

  /** Sends a message to the client, now or when it comes back, if it is subscribed. Returns whether it is. */
  publish(message: OutgoingMessage): boolean {
    this.#expire();
    if (!this.subscriptions.has("in/#") || this.#phase === "said good-bye") return false;
    this.toClient.publish(message, this.#phase === "connected");
    this.#pump();
    return true;
  }

  receive(bytes: Uint8Array): void {
    this.#input = concat(this.#input, bytes);
    for (let packet = firstPacket(this.#input); packet; packet = firstPacket(this.#input)) {
      this.#input = this.#input.slice(packet.bytes.length);
      if (this.#phase !== "said good-bye") this.#take(packet);
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
    const { maximumPacketSize } = this.#limits;
    demand(packet.bytes.length <= maximumPacketSize, `${packet.type} over Maximum Packet Size ${maximumPacketSize} [MQTT-3.2.2-15]`);
    switch (packet.type) {
      case "PUBLISH":
        this.fromClient.takePublish(packet);
        break;
      case "PUBREL":
        this.fromClient.takePubrel(packet);
        break;
      case "PUBACK":
      case "PUBREC":
      case "PUBCOMP":
        this.toClient.take(packet);
        break;
      case "SUBSCRIBE":
        for (const { topicFilter } of packet.subscriptions) this.subscriptions.add(topicFilter);
        this.#output.add(suback(packet.identifier, packet.subscriptions.map(({ qos }) => qos)));
        break;
      case "UNSUBSCRIBE":
        this.#output.add(unsuback(packet.identifier, packet.topicFilters.map((each) => (this.subscriptions.delete(each) ? 0 : 0x11))));
        break;
      case "PINGREQ":
        this.#output.add(pingresp());
        break;
      case "DISCONNECT":
        this.#takeDisconnect(packet);
        break;
      case "AUTH":
        demand(false, "AUTH without an authenticator");
    }
  }

  #takeConnect({ cleanStart, properties }: ClientPacket<"CONNECT">): void {
    const { receiveMaximum = 0xffff, topicAliasMaximum = 0, sessionExpiryInterval = 0 } = properties;
    const { clean } = this.#expected;
    demand(!clean || cleanStart, "no Clean Start, though every connection is to have it");
    const said = { receiveMaximum, topicAliasMaximum, sessionExpiryInterval, clean };
    demand(JSON.stringify(said) === JSON.stringify(this.#expected), `CONNECT says ${JSON.stringify(said)}`);
    if (this.refuses) {
      this.refuses = false;
      this.#phase = "said good-bye";
      this.#output.add(connack({ reasonCode: 0x97 }));
      return;
    }
    this.#expire();
    if (cleanStart && this.#hasSession) this.#newSession();
    this.#phase = "connected";
    this.#expiry = this.announcement.sessionExpiryInterval ?? sessionExpiryInterval;
    this.#expiresAt = Infinity;
    this.#limits = limitsOf(this.announcement);
    this.#output.clear();
    this.#isAnnounced = false;
    this.#output.add(connack({ sessionPresent: this.#hasSession, properties: propertiesOf(this.announcement) }), () => (this.#isAnnounced = true));
    this.#isUnexpected = !this.#hasSession && !cleanStart;
    this.#hasSession = true;
    this.#isInUse = true;
    this.fromClient.connected(this.#limits);
    this.toClient.connected(receiveMaximum, topicAliasMaximum);
    this.toClient.resume();
  }

  #takeDisconnect({ reasonCode, properties: { sessionExpiryInterval } }: ClientPacket<"DISCONNECT">): void {
    demand(reasonCode < 0x80, `the client finds something wrong: 0x${reasonCode.toString(16)}`);
    this.#phase = "ended";
    if (sessionExpiryInterval === undefined) return;
    const asked = this.#expected.sessionExpiryInterval;
    demand(asked > 0 || sessionExpiryInterval === 0, "a Session Expiry Interval at the end that CONNECT had as 0 (3.14.2.2.2)");
    this.#expiry = sessionExpiryInterval;
  }

  #pump(): void {
    if (this.#phase === "connected") this.toClient.pump();
  }

  #expire(): void {
    if (this.#phase !== "connected" && this.#hasSession && this.#clock.elapsed >= this.#expiresAt) this.#newSession();
  }

  #newSession(): void {
    if (this.#hasSession) this.losses++;
    this.#hasSession = false;
    this.#expiresAt = Infinity;
    this.toClient.forget();
    this.fromClient.forget();
    this.subscriptions.clear();
  }
}
