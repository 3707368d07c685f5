import { Client, type ClientOptions, type Clock, type Message as ReceivedMessage, type Transport, WOULD_BLOCK } from "mqtt-xs";
import { Queue } from "mqtt-xs/queue";
import { type Flash, Journal, type SessionStore, StoredSession } from "mqtt-xs/store";
import { Client as Client5, Topic } from "mqtt-xs/v5";
import type { Protocol } from "./packets.js";
import { FILTER, type Message, OUTGOING_TOPICS, QUEUED } from "./traffic.js";

/** Whom a device tells what happens. */
export interface DeviceListener {
  /** The application was given a message. */
  received(topic: string, qos: number, payload: Uint8Array): void;
  /** The application was told that its message of this identifier has arrived. */
  delivered(identifier: number): void;
  /** The store has reported something. */
  reported(what: string): void;
  /** There may be room to publish, or a connection. */
  ready?(): void;
}

/** What a device is made of. */
export interface DeviceParts {
  readonly protocol: Protocol;
  readonly flash: Flash;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly listener: DeviceListener;
  /** The most messages in its queue. */
  readonly messages: number;
  /** Puts something between the session and its store, for tests of the simulation itself. */
  readonly disturb?: ((store: SessionStore) => SessionStore) | undefined;
}

/** Small, so that they matter. */
const LIMITS = { packetSize: 96, inflight: 4, receiveMaximum: 4, subscriptions: 2 };

/** What runs on a device from when it gets power until it loses it. */
export class Device {
  readonly client: Client | Client5;
  readonly store: SessionStore;
  readonly queue: Queue;
  private readonly topics = new Map(OUTGOING_TOPICS.map((name) => [name, new Topic(name)]));

  /** Boots with what the flash holds. */
  constructor({ protocol, flash, transport, clock, listener, messages, disturb = (store) => store }: DeviceParts) {
    const onError = (error: Error): void => listener.reported(error.message);
    this.store = disturb(new Journal(flash, { onError }));
    const session = new StoredSession(this.store, onError);
    const onWritable = (): void => {
      this.queue.drain();
      listener.ready?.();
    };
    const options: Omit<ClientOptions, "protocolVersion" | "onDisconnect"> = {
      transport,
      clock,
      random: () => 0.5,
      clientId: "device",
      clean: false,
      session,
      ...LIMITS,
      onConnect: onWritable,
      onWritable,
      onDelivered: (identifier) => listener.delivered(identifier),
      onError,
    };
    this.client = protocol === 4 ? new Client(options) : new Client5(options);
    const { client } = this;
    this.queue = new Queue<never>({ client, clock, session, packetSize: LIMITS.packetSize, messages, onError });
    const handler = ({ topic, qos, payload }: ReceivedMessage): void => listener.received(topic, qos, payload);
    this.client.subscribe({ filter: FILTER, qos: 2, handler });
    this.client.connect();
  }

  /** How many messages have not arrived yet, as far as the device knows. */
  get waiting(): number {
    return this.client.inflight + this.queue.length;
  }

  /** @returns the identifier that `delivered` will tell, 0 where the queue takes the message, or `WOULD_BLOCK`. */
  publish({ topic, payload, qos }: Message): number {
    const prepared = this.topics.get(topic) ?? topic;
    if (!topic.startsWith(QUEUED)) return this.client.publish(prepared, payload, qos);
    return this.queue.publish(prepared, payload, qos) ? 0 : WOULD_BLOCK;
  }
}
