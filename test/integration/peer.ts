import { connect, type IClientOptions, type IClientSubscribeOptions, type IPublishPacket, type MqttClient } from "mqtt";
import { onTestFinished } from "vitest";
import type { QoS } from "mqtt-xs";
import { until } from "../support/waiting.js";
import type { Place } from "./device.js";

/** A message that MQTT.js received. */
export interface PeerMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: QoS;
  readonly retain: boolean;
  /** Of MQTT 5.0. */
  readonly properties: PeerProperties;
}

/** What MQTT.js makes of the properties of a PUBLISH. */
export type PeerProperties = NonNullable<IPublishPacket["properties"]>;

/** MQTT.js: the other side, by other hands. */
export class Peer {
  readonly messages: PeerMessage[] = [];
  readonly #client: MqttClient;

  constructor(client: MqttClient) {
    this.#client = client;
    client.on("message", (topic: string, payload: Buffer, { qos, retain, properties = {} }: IPublishPacket) => {
      this.messages.push({ topic, payload, qos, retain, properties });
    });
    client.on("error", () => undefined); // a connection that a broker has broken is tried again
  }

  /** Resolves when the server has granted it. */
  async subscribe(filter: string, qos: QoS = 2, options: Partial<IClientSubscribeOptions> = {}): Promise<void> {
    await this.#client.subscribeAsync(filter, { qos, ...options });
  }

  /** Resolves when it is delivered, with QoS 0 when it is written. */
  async publish(topic: string, payload: string | Buffer, qos: QoS = 0, retain = false, properties?: PeerProperties): Promise<void> {
    await this.#client.publishAsync(topic, payload, { qos, retain, ...(properties && { properties }) });
  }

  /** Resolves with the first `count` messages. */
  async received(count: number, timeout?: number): Promise<PeerMessage[]> {
    await until(`${count} messages at MQTT.js`, () => this.messages.length >= count, timeout);
    return this.messages.slice(0, count);
  }

  /** Disconnects in order. */
  async end(): Promise<void> {
    await this.#client.endAsync();
  }
}

/** A peer that is connected, and gone when the test is over. */
export async function startPeer({ host, port }: Place, options: IClientOptions = {}): Promise<Peer> {
  const client = connect({ protocol: "mqtt", host, port, protocolVersion: 4, reconnectPeriod: 50, ...options });
  onTestFinished(async () => {
    await client.endAsync(true);
  });
  const peer = new Peer(client); // listens before the first message, which may come right after CONNACK
  await until("MQTT.js is connected", () => client.connected);
  return peer;
}
