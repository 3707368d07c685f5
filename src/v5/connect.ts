import { checkQoS, frame, put, Topic, writeLength, wrong } from "../index.js";
import { CLEAN, FLAGS_AT, KEEP_ALIVE_AT, LEVEL_AT, PASSWORD, USERNAME, WILL, WILL_QOS_SHIFT, WILL_RETAIN } from "../wire/connect.js";
import { MAXIMUM_HEADER } from "../wire/frame.js";
import { CONNECT } from "../wire/packet-type.js";
import { LENGTH_SIZE } from "../wire/utf8.js";
import type { ClientOptions } from "./options.js";
import { append, contentOf } from "./properties.js";
import { BINARY_DATA, PACKETS_SHIFT, PROPERTIES, type PropertyName, UTF8_STRING, WILL as IN_WILL } from "./property-table.js";

const VERSION = 5; // of the protocol (3.1.2.2)

/** What changes from one CONNECT to the next. */
export interface Opening {
  /** The server's own, once it has assigned one. */
  readonly clientId: string;
  readonly cleanStart: boolean;
  readonly sessionExpiryInterval: number;
}

/**
 * Writes a CONNECT (3.1), to the front. @returns its length.
 * @throws MqttError `ERR_ARGUMENT` that names the option that is wrong; `ERR_PACKET_SIZE`.
 */
export function writeConnect(
  bytes: Uint8Array,
  options: ClientOptions,
  opening: Opening,
  authenticationData: Uint8Array | undefined,
): number {
  const { username, password, will, keepalive = 60 } = options;
  let flags = opening.cleanStart ? CLEAN : 0;
  const given = {
    receiveMaximum: options.receiveMaximum ?? 64,
    // 0 is what the server takes an absent one for.
    sessionExpiryInterval: opening.sessionExpiryInterval === 0 ? undefined : opening.sessionExpiryInterval,
    authenticationMethod: options.authenticator && (options.authenticator.method as string | undefined ?? null),
    authenticationData,
  };
  putContent(bytes, MAXIMUM_HEADER, "MQTT", "protocol");
  bytes[LEVEL_AT] = VERSION;
  bytes[KEEP_ALIVE_AT] = keepalive >> 8;
  bytes[KEEP_ALIVE_AT + 1] = keepalive;
  let at = putList(bytes, KEEP_ALIVE_AT + 2, propertiesOf({ ...options, ...given }));
  at = putContent(bytes, at, opening.clientId, "clientId");
  if (will) {
    const { topic, retain = false, properties } = will;
    if (typeof retain !== "boolean") throw wrong("will.retain", "true or false");
    if (properties && !((properties.packets >> IN_WILL) & 1)) throw wrong("will.properties", "Properties that a will may have");
    flags |= WILL | (checkQoS(will.qos ?? 0, "will.qos") << WILL_QOS_SHIFT) | (retain ? WILL_RETAIN : 0);
    at = putList(bytes, at, properties?.bytes ?? []);
    at = put(bytes, at, topic instanceof Topic ? topic.bytes : new Topic(topic).bytes);
    at = putContent(bytes, at, will.payload ?? "", "will.payload", BINARY_DATA);
  }
  if (username !== undefined) {
    flags |= USERNAME;
    at = putContent(bytes, at, username, "username");
  }
  if (password !== undefined) {
    flags |= PASSWORD;
    at = putContent(bytes, at, password, "password", BINARY_DATA);
  }
  bytes[FLAGS_AT] = flags;
  return frame(bytes, CONNECT << 4, at);
}

function propertiesOf(values: Partial<Record<string, unknown>>): readonly number[] {
  const list: number[] = [];
  for (const name in PROPERTIES) {
    const isOfConnect = (PROPERTIES[name as PropertyName] >> (PACKETS_SHIFT + CONNECT)) & 1;
    if (isOfConnect && values[name] !== undefined) append(list, name as PropertyName, values[name]);
  }
  return list;
}

/** Puts a list of properties behind its length. */
function putList(bytes: Uint8Array, at: number, list: ArrayLike<number>): number {
  return put(bytes, writeLength(bytes, at, list.length), Uint8Array.from(list));
}

/** Puts text or, where these are as good, bytes behind their length. @throws MqttError that names `name`. */
function putContent(bytes: Uint8Array, at: number, content: Uint8Array | string, name: string, type = UTF8_STRING): number {
  const part = contentOf(name, content, typeof content === "string" ? UTF8_STRING : type);
  bytes[at] = part.length >> 8;
  bytes[at + 1] = part.length;
  return put(bytes, at + LENGTH_SIZE, part);
}
