import type { Message } from "mqtt-xs/v5";
import { Client, type ClientOptions } from "mqtt-xs/v5";
import { Requester, type RequesterOptions, Responder, type ResponderOptions } from "mqtt-xs/request";
import { publish, suback, type ConnackFields, type PropertyList, type PublishFields } from "../support/v5/packets.js";
import { ScriptedBroker5 } from "../support/v5/scripted-broker.js";

export const RESPONSE_TOPIC = "to/me";
export const REQUEST_FILTER = "service/+";

/** A client that the broker has accepted, or will, and what it and what is built on it told, in order. */
export interface Base {
  readonly broker: ScriptedBroker5;
  readonly client: Client;
  readonly events: string[];
}

/** A client that is not connected yet; its reconnects follow at once. */
export function createClient(options: Partial<ClientOptions> = {}, room?: number): Base {
  const broker = new ScriptedBroker5(room === undefined ? {} : { room });
  const events: string[] = [];
  const client = new Client({
    transport: broker.transport,
    clock: broker.clock,
    random: () => 0,
    onDisconnect: (error) => events.push(`disconnected ${error?.code ?? ""}`),
    onMessage: (message) => events.push(`message ${message.topic}`),
    onWritable: () => events.push("writable"),
    onError: (error) => events.push(`error ${error.code}`),
    ...options,
  });
  return { broker, client, events };
}

/** Connects, and grants the subscription that must come first. */
export function acceptSubscribed(broker: ScriptedBroker5, topicFilter: string, answer: ConnackFields = {}): void {
  broker.acceptConnection(answer);
  const { identifier } = broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter }] });
  broker.send(suback(identifier, 0));
}

/** The connection breaks, and the broker accepts the next one. */
export function reconnect(broker: ScriptedBroker5, answer: ConnackFields = {}): void {
  broker.drop();
  broker.advance(0);
  broker.acceptConnection(answer);
}

/** A message as an event: its text, and where it stands in the whole, unless it is whole. */
function described(message: Message): string {
  return message.length === message.total ? message.text() : `${message.offset}+${message.length} of ${message.total}`;
}

export interface RequesterSetup extends Base {
  readonly requester: Requester;
  /** Sends a response to a request that the broker has got, or other properties than its Correlation Data. */
  readonly respond: (correlation: Uint8Array | PropertyList, payload?: string | Uint8Array, fields?: Partial<PublishFields>) => void;
}

/** A requester whose client is not connected yet. What it tells: "response 5: text", "timeout 5", "failed 5 0x87". */
export function createRequester(options: Partial<RequesterOptions> = {}, clientOptions: Partial<ClientOptions> = {}): RequesterSetup {
  const base = createClient(clientOptions);
  const { broker, client, events } = base;
  const requester = new Requester({
    client,
    clock: broker.clock,
    responseTopic: RESPONSE_TOPIC,
    onResponse: (request, message) => events.push(`response ${request}: ${described(message)}`),
    onTimeout: (request) => events.push(`timeout ${request}`),
    onFailed: (request, reasonCode) => events.push(`failed ${request} 0x${reasonCode.toString(16)}`),
    ...options,
  });
  const respond: RequesterSetup["respond"] = (correlation, payload = "", fields = {}) => {
    const list: PropertyList = correlation instanceof Uint8Array ? [["correlationData", correlation]] : correlation;
    broker.send(publish({ topic: RESPONSE_TOPIC, payload, properties: list, ...fields }));
  };
  return { ...base, requester, respond };
}

/** A requester that is connected and subscribed. */
export function requesting(
  options: Partial<RequesterOptions> = {},
  clientOptions: Partial<ClientOptions> = {},
  answer: ConnackFields = {},
): RequesterSetup {
  const setup = createRequester(options, clientOptions);
  setup.client.connect();
  acceptSubscribed(setup.broker, RESPONSE_TOPIC, answer);
  return setup;
}

/** The Correlation Data of the request that comes next, whose QoS and topic are as told. */
export function takeRequest(broker: ScriptedBroker5, topic = "service/a", qos: 0 | 1 | 2 = 0): Uint8Array {
  const { properties } = broker.expect("PUBLISH", { topic, qos, properties: { responseTopic: RESPONSE_TOPIC } });
  if (!properties.correlationData) throw new Error("a request without Correlation Data");
  return properties.correlationData;
}

export interface ResponderSetup extends Base {
  readonly responder: Responder;
  /** The numbers of the requests handed on, in order. */
  readonly requests: number[];
  /** Sends a request. */
  readonly ask: (list: PropertyList, payload?: string | Uint8Array, fields?: Partial<PublishFields>) => void;
}

/** A responder whose client is not connected yet. What it tells: "request: text", "refused 1". */
export function createResponder(options: Partial<ResponderOptions> = {}, clientOptions: Partial<ClientOptions> = {}): ResponderSetup {
  const base = createClient(clientOptions);
  const { broker, client, events } = base;
  const requests: number[] = [];
  const { onRequest, ...rest } = options;
  const responder = new Responder({
    client,
    filter: REQUEST_FILTER,
    onRequest: (request, message) => {
      requests.push(request);
      events.push(`request: ${described(message)}`);
      onRequest?.(request, message);
    },
    onRefused: (_, reason) => events.push(`refused ${reason}`),
    ...rest,
  });
  const ask: ResponderSetup["ask"] = (list, payload = "", fields = {}) => {
    broker.send(publish({ topic: "service/a", payload, properties: list, ...fields }));
  };
  return { ...base, responder, requests, ask };
}

/** A responder that is connected and subscribed. */
export function responding(
  options: Partial<ResponderOptions> = {},
  clientOptions: Partial<ClientOptions> = {},
  answer: ConnackFields = {},
): ResponderSetup {
  const setup = createResponder(options, clientOptions);
  setup.client.connect();
  acceptSubscribed(setup.broker, REQUEST_FILTER, answer);
  return setup;
}

/** The properties of a request, with this Correlation Data if any. */
export function asking(correlation?: string | Uint8Array, responseTopic = "to/you"): PropertyList {
  return [["responseTopic", responseTopic], ...(correlation === undefined ? [] : ([["correlationData", correlation]] as const))];
}
