import type { ConnectFields } from "../codec/codec.js";
import { MqttError } from "../errors.js";
import type { SessionLimits } from "../session/session.js";
import type { QoS } from "../wire/quality-of-service.js";
import { Topic } from "../wire/topic.js";
import { encodeString, encodeUtf8, prefixLength } from "../wire/utf8.js";
import type { ClientOptions, Will } from "./options.js";

/** A 16-bit field's largest value. */
const MAXIMUM = 0xffff;
/** Half of all packet identifiers: the other half is left for subscriptions. */
const MAXIMUM_INFLIGHT = 0x7fff;
const MINIMUM_PACKET = 32;
/** The longest time that a 32-bit clock can tell from one in the past, in milliseconds: 24 days. */
const MAXIMUM_TIME = 0x7fffffff;

/** All limits and times, with defaults. */
export interface Settings extends SessionLimits {
  connectTimeout: number;
  reconnectPeriod: number;
  reconnectMaximum: number;
  stableAfter: number;
}

/** @throws MqttError `ERR_ARGUMENT`, which names the option that is wrong and says what is right. */
export function checkSettings(options: ClientOptions): Settings {
  const { transport, clock, clean = true } = options;
  require(has(transport, "open"), "transport", "a Transport, from one of the hosts");
  require(has(clock, "createTimer"), "clock", "a Clock, from one of the hosts");
  require(typeof clean === "boolean", "clean", "true or false");
  for (const name of ["random", "onConnect", "onDisconnect", "onMessage", "onDelivered", "onWritable", "onError"] as const)
    require(options[name] === undefined || typeof options[name] === "function", name, "a function");
  return {
    clean,
    keepalive: integer(options.keepalive ?? 60, "keepalive", 0, MAXIMUM),
    packetSize: integer(options.packetSize ?? 512, "packetSize", MINIMUM_PACKET, transport.writeLimit),
    inflight: integer(options.inflight ?? 4, "inflight", 1, MAXIMUM_INFLIGHT),
    receiveMaximum: integer(options.receiveMaximum ?? 64, "receiveMaximum", 1, MAXIMUM),
    subscriptions: integer(options.subscriptions ?? 8, "subscriptions", 1, MAXIMUM_INFLIGHT),
    connectTimeout: integer(options.connectTimeout ?? 30_000, "connectTimeout", 1, MAXIMUM_TIME),
    reconnectPeriod: integer(options.reconnectPeriod ?? 1_000, "reconnectPeriod", 0, MAXIMUM_TIME),
    reconnectMaximum: integer(options.reconnectMaximum ?? 60_000, "reconnectMaximum", 1, MAXIMUM_TIME),
    stableAfter: integer(options.stableAfter ?? 10_000, "stableAfter", 0, MAXIMUM_TIME),
  };
}

/** @throws MqttError `ERR_ARGUMENT` or `ERR_TOPIC`; never tells the value of a credential. */
export function checkConnect(options: ClientOptions, { clean, keepalive }: Settings): ConnectFields {
  const { clientId = "", username, password, will } = options;
  require(clean || clientId !== "", "clientId", "one that is not empty, since clean is false (3.1.3.1)");
  require(password === undefined || username !== undefined, "username", "one, since there is a password (3.1.2.9)");
  return {
    clean,
    keepalive,
    clientId: text(clientId, "clientId"),
    username: username === undefined ? undefined : text(username, "username"),
    password: password === undefined ? undefined : binary(password, "password"),
    will: will && checkWill(will),
  };
}

/** @throws MqttError `ERR_ARGUMENT`. */
export function checkQoS(qos: number, name: string): QoS {
  require(qos === 0 || qos === 1 || qos === 2, name, "0, 1 or 2");
  return qos as QoS;
}

function checkWill({ topic, payload = "", qos = 0, retain = false }: Will): ConnectFields["will"] {
  require(typeof retain === "boolean", "will.retain", "true or false");
  return {
    topic: willTopic(topic),
    payload: binary(payload, "will.payload"),
    qos: checkQoS(qos, "will.qos"),
    retain,
  };
}

function willTopic(topic: Topic | string): Topic {
  if (topic instanceof Topic) return topic;
  require(typeof topic === "string", "will.topic", "a Topic or text");
  try {
    return new Topic(topic);
  } catch (error) {
    throw new MqttError("ERR_TOPIC", `will.topic: ${(error as MqttError).message}`);
  }
}

/** Whether a value, of callers that know no types, is an object with this method. */
function has(value: unknown, method: string): boolean {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, method) === "function";
}

function require(condition: boolean, name: string, expected: string): void {
  if (!condition) throw new MqttError("ERR_ARGUMENT", `${name}: expected ${expected}`);
}

function integer(value: number, name: string, minimum: number, maximum: number): number {
  const right = Number.isInteger(value) && value >= minimum && value <= maximum;
  require(right, name, `a whole number from ${minimum} to ${maximum}`);
  return value;
}

function text(value: string, name: string): Uint8Array {
  const bytes = typeof value === "string" ? encodeString(value) : undefined;
  if (!bytes) throw new MqttError("ERR_ARGUMENT", `${name}: expected text of at most 65535 bytes, without U+0000`);
  return bytes;
}

function binary(value: Uint8Array | string, name: string): Uint8Array {
  const content = typeof value === "string" ? encodeUtf8(value) : value;
  const bytes = content instanceof Uint8Array ? prefixLength(content) : undefined;
  if (!bytes) throw new MqttError("ERR_ARGUMENT", `${name}: expected text or bytes, at most 65535`);
  return bytes;
}
