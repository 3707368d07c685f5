import type { ConnectOptions, Will as ConnectWill } from "../codec/codec.js";
import { type MqttError, wrong } from "../errors.js";
import { checkQoS } from "../wire/quality-of-service.js";
import { encodeUtf8, MAXIMUM_STRING } from "../wire/utf8.js";
import { type ByteBuffer, bytesOf, textOf } from "./byte-buffer.js";
import type { ResolverOptions } from "./resolver.js";
import type { SocketOptions } from "./socket.js";

/** The message that the server publishes for a client that vanishes without a DISCONNECT. */
export interface Will {
  topic?: string | ByteBuffer;
  /** Default: an empty one. */
  message?: string | ByteBuffer;
  /** 0, 1 or 2. Default 0. */
  QoS?: number;
  /** Default false. */
  retain?: boolean | number;
}

/** A control message, as `onControl` gets it. */
export interface ControlMessage {
  /** One of the class's constants, such as `MQTTClient.CONNACK`. */
  operation: number;
  /** The packet identifier, where the message has one. */
  id?: number;
  /** Of a CONNACK: 0. One that refuses goes to `onError`. */
  returnCode?: number;
  /** Of a CONNACK: whether the server has kept the session of an earlier connection (3.2.2.2). */
  sessionPresent?: boolean;
  /** Of a SUBACK: for each filter the granted QoS, or 0x80 for a refusal. */
  payload?: number[];
}

/** What `onReadable` gets with a payload, or a fragment of one. */
export interface ReadableOptions {
  /** Whether more of this payload follows. */
  more: boolean;
  /** With the first fragment: where the message was published to. */
  topic?: string;
  /** With the first fragment: its quality of service. */
  QoS?: number;
  /** With the first fragment: whether it is the retained message of its topic, from before the subscription (3.3.1.3). */
  retain?: boolean;
  /** With the first fragment: bytes of the whole payload. */
  byteLength?: number;
}

/** What the callbacks have as `this`, and the first argument's type besides. */
export interface Callbacks<Client> {
  /** Part of a message can be read: `count` bytes of one payload, which is 0 for an empty one. */
  onReadable?: (this: Client, count: number, options: ReadableOptions) => void;
  /** So many bytes may be written. */
  onWritable?: (this: Client, count: number) => void;
  /**
   * A control message came. The SDK's class gives the message as the only argument, the draft as the second one, after its
   * operation. Here it is both: callbacks written for the draft find all in the second. (Which of the two a callback wants
   * cannot be told: on devices functions have no `length`.)
   */
  onControl?: (this: Client, message: ControlMessage, same: ControlMessage) => void;
  /** The connection failed, or the server ended it. The client is closed. */
  onError?: (this: Client, error: MqttError) => void;
  /** The server ended the connection after a DISCONNECT. Default: `onError` gets it. */
  onClose?: (this: Client) => void;
}

/** The constructor's dictionary: of ECMA-419, with what the SDK's class adds to it. */
export interface Options<Client = unknown> extends Callbacks<Client> {
  /** The server's name. */
  host: string;
  /** The server's IP address: nothing is resolved then. */
  address?: string;
  /** 1 to 65,535. Default 1883. As text, too, since that is how URLs have it. */
  port?: number | string;
  /** An ECMA-419 resolver's dictionary; not needed with `address`. */
  dns?: ResolverOptions;
  /** An ECMA-419 TCP or TLS socket's dictionary. */
  socket: SocketOptions;
  /** Client identifier. Default "". */
  id?: string;
  /** User name. Default "", which is none. */
  user?: string;
  password?: string | ByteBuffer;
  /** Milliseconds; sent in seconds, rounded up. Default 0, which is none. */
  keepAlive?: number;
  /** The SDK's older name for `keepAlive`. */
  keepalive?: number;
  /** Whether to begin a new session. Default true. */
  clean?: boolean | number;
  will?: Will | null;
  /** Becomes the client's property of the same name. */
  target?: unknown;
  /** Only "buffer". */
  format?: string;
  /**
   * Bytes of the largest packet but PUBLISH, which may have any size and comes in fragments of about this size, 32 to
   * 65,535. Costs this many bytes twice. Default 512.
   */
  packetSize?: number;
}

/** An integer in bounds. @throws MqttError `ERR_ARGUMENT`. */
export function integer(name: string, value: number, minimum: number, maximum: number): number {
  if (!Number.isInteger(value) || value < minimum || value > maximum) throw wrong(name, `an integer from ${minimum} to ${maximum}`);
  return value;
}

const KEEP_ALIVE_MAXIMUM = 65_535_000;

/** What CONNECT says of these options. @throws MqttError `ERR_ARGUMENT` that names what is wrong; `ERR_TOPIC`. */
export function connectOptions(options: Options<never>): ConnectOptions {
  const { id = "", user = "", password = "", clean = true, will } = options;
  const keepAlive = integer("keepAlive", options.keepAlive ?? options.keepalive ?? 0, 0, KEEP_ALIVE_MAXIMUM);
  if (!clean && !id) throw wrong("id", "one that is not empty, since clean is false");
  const secret = content(password, "password");
  return {
    clientId: text(id, "id"),
    keepalive: Math.ceil(keepAlive / 1000),
    clean: Boolean(clean),
    ...(user || secret.length > 0 ? { username: text(user, "user") } : {}),
    ...(secret.length > 0 ? { password: secret } : {}),
    ...(will?.topic === undefined ? {} : { will: willOf(will) }),
  };
}

function willOf({ topic, message = "", QoS = 0, retain = false }: Will): ConnectWill {
  return {
    topic: textOf(topic, "will.topic"),
    payload: content(message, "will.message"),
    qos: checkQoS(QoS, "will.QoS"),
    retain: Boolean(retain),
  };
}

/** Text, or bytes, that CONNECT can hold. */
function content(value: string | ByteBuffer, name: string): string | Uint8Array {
  if (typeof value === "string") return text(value, name);
  const bytes = bytesOf(value, name);
  if (bytes.length > MAXIMUM_STRING) throw wrong(name, `at most ${MAXIMUM_STRING} bytes`);
  return bytes;
}

function text(value: string, name: string): string {
  const bytes = encodeUtf8(value);
  if (!bytes || bytes.length > MAXIMUM_STRING || bytes.includes(0)) throw wrong(name, `text of at most ${MAXIMUM_STRING} bytes, without U+0000`);
  return value;
}

/** @throws MqttError `ERR_ARGUMENT` that names the callback that is no function. */
export function checkCallbacks(options: Options<never>): void {
  for (const name of ["onReadable", "onWritable", "onControl", "onError", "onClose"] as const) {
    const callback: unknown = options[name];
    if (callback !== undefined && typeof callback !== "function") throw wrong(name, "a function");
  }
}
