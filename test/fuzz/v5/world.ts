import { Client, Properties, Topic, type Message, type ReceivedProperties } from "mqtt-xs/v5";
import { WOULD_BLOCK } from "mqtt-xs";
import { MqttError } from "../../../src/errors.js";
import { publish, type ClientPacket, type Property, type QoS } from "../../support/v5/packets.js";
import { NetworkWorld, Pieces } from "../network-world.js";
import { HaltingSource, numberedPayload, numberOf } from "../numbered-payload.js";
import type { Command } from "./commands.js";
import { ModelBroker5 } from "./model-broker.js";
import { write, writtenOf } from "./recording.js";
import type { OutgoingMessage } from "./to-client.js";

/** A message that the client took to send. */
export interface Published {
  readonly number: number;
  readonly qos: QoS;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
  readonly properties: ClientPacket<"PUBLISH">["properties"];
  /** Bytes of the PUBLISH, without an alias. */
  readonly size: number;
  readonly identifier: number;
  /** How often the server had lost the session before, and before the client said that the exchange was over. */
  readonly lossesBefore: number;
  lossesAtDelivery: number | undefined;
  /** What the client said of it then. */
  reasonCode: number;
}

/** A message from the server that came in whole. */
export interface Received {
  readonly number: number;
  readonly qos: number;
  /** What the application answered: 0, or that it refuses the message. */
  readonly reasonCode: number;
}

/** How long the client's session lasts. */
export interface SessionOptions {
  readonly clean: boolean;
  /** Seconds. */
  readonly sessionExpiryInterval: number;
}

const LIMITS = { packetSize: 64, inflight: 3, receiveMaximum: 3, subscriptions: 8, topicAliasMaximum: 2 };

/** What messages are published with: as given, as the server gets it, and as it is written down for its size. */
const PROPERTIES = [
  { given: undefined, arrives: {}, list: [] },
  {
    given: new Properties({ userProperties: { unit: "C" } }),
    arrives: { userProperties: [["unit", "C"]] },
    list: [["userProperty", ["unit", "C"]]],
  },
  {
    given: new Properties({ contentType: "t", payloadFormatIndicator: true, correlationData: Uint8Array.of(1, 2) }),
    arrives: { contentType: "t", payloadFormatIndicator: 1, correlationData: Uint8Array.of(1, 2) },
    list: [
      ["contentType", "t"],
      ["payloadFormatIndicator", 1],
      ["correlationData", Uint8Array.of(1, 2)],
    ],
  },
] as const satisfies { given: Properties | undefined; arrives: ClientPacket<"PUBLISH">["properties"]; list: readonly Property[] }[];

/** How a connection may end without anybody having done anything wrong. */
const HARMLESS: readonly (string | undefined)[] = [undefined, "ERR_DISCONNECTED", "ERR_CONNECTION_REFUSED", "ERR_CONNECTION_CLOSED", "ERR_SOCKET", "ERR_CONNECT_TIMEOUT", "ERR_KEEPALIVE_TIMEOUT"];

/** A client of 5.0, a broker, and a network between them that does what it is told. */
export class World5 extends NetworkWorld {
  readonly broker: ModelBroker5;
  readonly published: Published[] = [];
  readonly sentByServer: OutgoingMessage[] = [];
  readonly received: Received[] = [];
  /** Filters that the application is subscribed to in the end. */
  readonly wanted = new Set<string>(["in/#"]);
  /** How often `publish` threw because of the server's limits. */
  throws = 0;

  protected readonly client: Client;
  readonly #session: SessionOptions;
  /** With aliases assigned by the client, and by hand, one of them twice and to what the client assigns too; and without. */
  readonly #topics: readonly { readonly name: string; readonly given: Topic | string }[] = [
    ...["out/a", "out/b", "out/c"].map((name) => ({ name, given: new Topic(name) })),
    { name: "out/d", given: new Topic("out/d", 1) },
    { name: "out/e", given: new Topic("out/e", 1) },
    { name: "out/f", given: new Topic("out/f", 2) },
    { name: "out/g", given: "out/g" },
  ];
  readonly #pieces = new Pieces();
  #number = 0;
  #refusal = 0;

  constructor(session: SessionOptions) {
    super();
    this.#session = session;
    const { receiveMaximum, topicAliasMaximum } = LIMITS;
    const { clean, sessionExpiryInterval } = session;
    this.broker = new ModelBroker5(this.clock, { receiveMaximum, topicAliasMaximum, sessionExpiryInterval, clean });
    this.client = new Client({
      transport: this.transport,
      clock: this.clock,
      random: () => 0.5,
      clientId: "fuzz",
      keepalive: 30,
      ...session,
      ...LIMITS,
      onConnect: () => this.#connected(),
      onDisconnect: (error) => this.#disconnected(error),
      onMessage: () => this.errors.push("a message went past its handler"),
      onDelivered: (identifier, reasonCode, properties) => this.#delivered(identifier, reasonCode, properties),
      onWritable: () => this.react(),
      onError: (error) => this.errors.push(error.code),
    });
    this.client.subscribe({ filter: "in/#", qos: 2, handler: (message) => this.#message(message) });
  }

  do(command: Command): void {
    switch (command.does) {
      case "publish":
        this.#publish(command);
        break;
      case "publish many":
        this.#publishMany(command.topics, command.room);
        break;
      case "subscribe":
      case "unsubscribe":
        this.#askFor(command.filter, command.does);
        break;
      case "close for":
        this.#closeFor(command.reasonCode, command.seconds);
        break;
      case "application refuses":
        this.#refusal = command.reasonCode;
        break;
      case "server publishes":
        this.#serverPublishes(command);
        break;
      case "server announces":
        this.broker.announcement = command.announcement;
        break;
      case "server refuses message":
        this.broker.fromClient.refusals.push(command.reasonCode);
        break;
      case "server disconnects":
        this.broker.disconnect(command.reasonCode);
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
    this.#publish({ qos: 1, size: 5, from: "bytes", topic: 0, properties: 0, retain: false });
  }

  protected override subscribeOne(): void {
    this.do({ does: "subscribe", filter: "other/1" });
  }

  #publishMany(topics: readonly number[], room: number): void {
    this.doNetwork({ does: "room", bytes: room });
    for (const topic of topics) this.#publish({ qos: 0, size: 0, from: "bytes", topic, properties: 0, retain: false });
    this.doNetwork({ does: "room", bytes: 100_000 });
  }

  #closeFor(reasonCode: number, seconds: number): void {
    const sessionExpiryInterval = this.#session.sessionExpiryInterval > 0 ? seconds : 0;
    this.client.close(reasonCode, new Properties({ sessionExpiryInterval }));
  }

  #publish({ qos, size, from, topic, properties, retain }: Omit<Command & { does: "publish" }, "does">): void {
    const number = ++this.#number;
    const payload = numberedPayload(number, size);
    const { given, arrives, list } = PROPERTIES[properties];
    const { name, given: givenTopic } = this.#topics[topic];
    const length = publish({ topic: name, payload, qos, properties: list }).length;
    try {
      const source = from === "bytes" ? payload : new HaltingSource(payload, () => this.react());
      const identifier = this.client.publish(givenTopic, source, qos, retain, given);
      if (identifier === WOULD_BLOCK) return;
      this.published.push({
        number,
        qos,
        topic: name,
        payload,
        retain,
        properties: arrives,
        size: length,
        identifier,
        lossesBefore: this.broker.losses,
        lossesAtDelivery: undefined,
        reasonCode: 0,
      });
    } catch (error) {
      this.#checkThrown(error, { qos, retain, size: length });
    }
  }

  /** The client may throw what the server's last CONNACK gives reason for. */
  #checkThrown(error: unknown, { qos, retain, size }: Pick<Published, "qos" | "retain" | "size">): void {
    if (!(error instanceof MqttError)) throw error;
    const { maximumQoS, retainAvailable, maximumPacketSize } = this.client.server;
    const isSupported = qos <= maximumQoS && (!retain || retainAvailable);
    const isRight = error.code === "ERR_PACKET_SIZE" ? size > maximumPacketSize : error.code === "ERR_NOT_SUPPORTED" && !isSupported;
    if (!isRight) throw error;
    this.throws++;
  }

  #serverPublishes({ qos, size, topic, alias }: Command & { does: "server publishes" }): void {
    const number = ++this.#number;
    const properties: Property[] = [["userProperty", ["number", String(number)]]];
    const message = { number, qos, topic: `in/${topic}`, payload: numberedPayload(number, size), alias, properties };
    if (this.broker.publish(message)) this.sentByServer.push(message);
  }

  #connected(): void {
    const { receiveMaximum, maximumQoS, retainAvailable, topicAliasMaximum } = this.client.server;
    const understood = { receiveMaximum, maximumQoS, retainAvailable, topicAliasMaximum };
    if (JSON.stringify({ ...this.broker.limits, ...understood }) !== JSON.stringify(this.broker.limits))
      this.errors.push("the client has understood other limits than were announced");
    this.react();
  }

  #disconnected(error: MqttError | undefined): void {
    if (!HARMLESS.includes(error?.code)) this.errors.push(`disconnected: ${String(error)}`);
    this.react();
  }

  #delivered(identifier: number, reasonCode: number, properties: ReceivedProperties): void {
    const message = this.published.find((each) => each.identifier === identifier && each.lossesAtDelivery === undefined);
    if (!message?.qos) this.errors.push(`delivered ${identifier}, which is not under way`);
    else {
      message.lossesAtDelivery = this.broker.losses;
      message.reasonCode = reasonCode;
      if (!this.#isReasonRight(message)) this.errors.push(`delivered ${message.number} with ${reasonCode}`);
      const reason = properties.get("reasonString");
      if (reason !== undefined && reason !== "because") this.errors.push(`delivered because of "${reason}"`);
      if (reasonCode >= 0x80) this.broker.fromClient.abandon(identifier);
    }
    this.react();
  }

  /** The broker has refused the message, or would have, by what it announced. */
  #isReasonRight({ number, reasonCode, qos, retain, size }: Published): boolean {
    const { maximumQoS, retainAvailable, maximumPacketSize } = this.broker.limits;
    if (reasonCode === 0x9b) return qos > maximumQoS;
    if (reasonCode === 0x9a) return retain && !retainAvailable;
    if (reasonCode === 0x95) return size > maximumPacketSize;
    const refused = this.broker.fromClient.refused.get(number);
    return reasonCode < 0x80 ? refused === undefined : refused === reasonCode;
  }

  #message(message: Message): void {
    const whole = this.#pieces.take(message, this.errors);
    if (whole) this.#whole(whole, message);
    this.react();
  }

  #whole(payload: Uint8Array, message: Message): void {
    const { qos, topic } = message;
    const number = numberOf(payload);
    const sent = this.sentByServer.find((each) => each.number === number);
    const properties = write(message.properties).filter(([name]) => name !== "topicAlias");
    const isRight =
      sent?.topic === topic &&
      sent.qos === qos &&
      Buffer.compare(sent.payload, payload) === 0 &&
      JSON.stringify(properties) === JSON.stringify(writtenOf(sent.properties));
    if (!isRight) this.errors.push(`message ${number} on ${topic} is not what was sent`);
    const reasonCode = qos > 0 ? this.#refusal : 0;
    if (qos > 0) this.#refusal = 0;
    message.reasonCode = reasonCode;
    this.received.push({ number, qos, reasonCode });
  }
}
