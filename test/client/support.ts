import { Client, type ClientOptions, type PayloadSource } from "mqtt-xs";
import type { connack } from "../support/packets.js";
import { ScriptedBroker, type ScriptedBrokerOptions } from "../support/scripted-broker.js";

/** A client, the server it talks to, and what it told: `["connect", false]`, `["delivered", 1]`, … */
export interface Setup {
  broker: ScriptedBroker;
  client: Client;
  events: unknown[];
}

/** What makes a session that the server keeps. */
export const PERSISTENT = { clean: false, clientId: "c" } as const;

/** A client that is not connected yet. Its jitter is always half of the longest wait. */
export function create(options: Partial<ClientOptions> = {}, brokerOptions: ScriptedBrokerOptions = {}): Setup {
  const broker = new ScriptedBroker(brokerOptions);
  const events: unknown[] = [];
  const client = new Client({
    transport: broker.transport,
    clock: broker.clock,
    random: () => 0.5,
    onConnect: (sessionPresent) => events.push(["connect", sessionPresent]),
    onDisconnect: (error) => events.push(["disconnect", error?.code]),
    onDelivered: (identifier) => events.push(["delivered", identifier]),
    onMessage: (message) => events.push(["message", message.topic, message.text()]),
    onWritable: () => events.push(["writable"]),
    onError: (error) => events.push(["error", error.code]),
    ...options,
  });
  return { broker, client, events };
}

/** A client that is connected; what it told until then is forgotten. */
export function connected(options: Partial<ClientOptions> = {}, brokerOptions: ScriptedBrokerOptions = {}): Setup {
  const setup = create(options, brokerOptions);
  setup.client.connect();
  setup.broker.acceptConnection();
  setup.events.length = 0;
  return setup;
}

/** Lets the first reconnect happen, half a second after the connection broke, and accepts it. */
export function reconnect(broker: ScriptedBroker, answer: Parameters<typeof connack>[0] = {}): void {
  broker.advance(500);
  broker.acceptConnection(answer);
}

/** A source that has as many bytes ready as the test says, and writes down the positions it is read at. */
export class SlowSource implements PayloadSource {
  readonly content: Uint8Array;
  readonly positions: number[] = [];
  /** How many bytes, from the first on, are ready. */
  ready = 0;
  /** Whether to give up where no bytes are ready. */
  abandons = false;

  constructor(content: Uint8Array) {
    this.content = content;
  }

  get length(): number {
    return this.content.length;
  }

  read(target: Uint8Array, start: number, end: number, position: number): number {
    this.positions.push(position);
    const count = Math.min(end - start, this.ready - position);
    if (count <= 0) return this.abandons ? -1 : 0;
    target.set(this.content.subarray(position, position + count), start);
    return count;
  }
}

/** So many bytes that tell their place. */
export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7) % 251);
}
