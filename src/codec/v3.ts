import { malformed, MqttError, violation, wrong } from "../errors.js";
import { CLEAN, FLAGS_AT, KEEP_ALIVE_AT, LEVEL_AT, PASSWORD, USERNAME, WILL, WILL_QOS_SHIFT, WILL_RETAIN } from "../wire/connect.js";
import { frame, MAXIMUM_HEADER, MAXIMUM_REMAINING_LENGTH, packetSize, put, writeLength } from "../wire/frame.js";
import { checkQoS } from "../wire/quality-of-service.js";
import {
  ANY_QOS,
  CONNECT,
  PUBLISH,
  PUBLISH_FIRST_BYTE,
  PUBLISH_FLAGS,
  RESERVED_FLAGS,
  SUBACK,
  SUBSCRIBE,
} from "../wire/packet-type.js";
import { isTopicName, Topic } from "../wire/topic.js";
import { encodeUtf8, LENGTH_SIZE, MAXIMUM_STRING } from "../wire/utf8.js";
import { type Codec, type ConnectOptions, NO_ROOM, type PublishParts, type RequestedFilter } from "./codec.js";

const LEVEL = 4; // of the protocol (3.1.2.2)

/** Bit n is set where a server may send packet type n (2.2.1). */
const FROM_SERVER = 0b0010_1010_1111_1100;
/** What return codes say, from 1 on (3.2.2.3). */
const REFUSALS = "version,client identifier,unavailable,user name or password,not authorized";

/** A CONNACK always has one length here, and only SUBACK has codes. */
interface Codec3 extends Codec {
  checkConnack(bytes: Uint8Array, at: number): MqttError | undefined;
  checkCodes(codes: Uint8Array): MqttError | undefined;
}

/** MQTT 3.1.1. Frozen, or every device would keep a copy of what is in flash in case it changes. */
export const v3: Codec3 = Object.freeze({
  protocolVersion: LEVEL,

  connect(bytes: Uint8Array, options: ConnectOptions): number {
    const { clientId = "", username, password, will, clean = true, keepalive = 60 } = options;
    if (typeof clean !== "boolean") throw wrong("clean", "true or false");
    if (!clean && !clientId) throw wrong("clientId", "one that is not empty, since clean is false");
    if (password !== undefined && username === undefined) throw wrong("username", "one, since there is a password");
    putContent(bytes, MAXIMUM_HEADER, "MQTT", "protocol");
    bytes[LEVEL_AT] = LEVEL;
    let flags = clean ? CLEAN : 0;
    bytes[KEEP_ALIVE_AT] = keepalive >> 8;
    bytes[KEEP_ALIVE_AT + 1] = keepalive;
    let at = putContent(bytes, KEEP_ALIVE_AT + 2, clientId, "clientId");
    if (will) {
      const { topic, retain = false } = will;
      if (typeof retain !== "boolean") throw wrong("will.retain", "true or false");
      flags |= WILL | (checkQoS(will.qos ?? 0, "will.qos") << WILL_QOS_SHIFT) | (retain ? WILL_RETAIN : 0);
      at = put(bytes, at, topic instanceof Topic ? topic.bytes : new Topic(topic).bytes);
      at = putContent(bytes, at, will.payload ?? "", "will.payload");
    }
    if (username !== undefined) {
      flags |= USERNAME;
      at = putContent(bytes, at, username, "username");
    }
    if (password !== undefined) {
      flags |= PASSWORD;
      at = putContent(bytes, at, password, "password");
    }
    bytes[FLAGS_AT] = flags;
    return frame(bytes, CONNECT << 4, at);
  },

  request(bytes: Uint8Array, type: number, identifier: number, filters: readonly RequestedFilter[]): number {
    bytes[MAXIMUM_HEADER] = identifier >> 8;
    bytes[MAXIMUM_HEADER + 1] = identifier;
    let at = MAXIMUM_HEADER + 2;
    for (let index = 0; index < filters.length; index++) {
      at = put(bytes, at, filters[index].filter.bytes);
      if (type === SUBSCRIBE) bytes[at++] = filters[index].qos;
    }
    return frame(bytes, (type << 4) | RESERVED_FLAGS, at);
  },

  publish(bytes: Uint8Array, at: number, topic: Topic, flags: number, identifier: number, payloadLength: number): number {
    const name = topic.bytes;
    const head = identifier ? name.length + 2 : name.length;
    const length = head + payloadLength;
    bytes[at] = PUBLISH_FIRST_BYTE | flags;
    if (length < 0x80) bytes[at + 1] = length; // the usual case, without a call
    else if (length > MAXIMUM_REMAINING_LENGTH) throw packetSize(length, MAXIMUM_REMAINING_LENGTH);
    else at = writeLength(bytes, at + 1, length) - 2;
    at += 2;
    const end = at + head;
    if (end > bytes.length) return NO_ROOM; // what was written past the end of a typed array is nowhere
    bytes.set(name, at);
    if (identifier) {
      bytes[end - 2] = identifier >> 8;
      bytes[end - 1] = identifier;
    }
    return end;
  },

  lengths: Object.freeze({ 0x20: 2, 0x40: 2, 0x50: 2, 0x62: 2, 0x70: 2, 0xb0: 2, 0xd0: 0 }), // CONNACK, PUBACK … PUBCOMP, UNSUBACK, PINGRESP

  check(first: number, length: number): MqttError | undefined {
    const type = first >> 4;
    const expected = v3.lengths[first];
    if (type === PUBLISH && (PUBLISH_FLAGS >> (first & 0x0f)) & 1) return undefined;
    if (length === expected || (length < 0 && expected !== undefined)) return undefined;
    if (first === SUBACK << 4 && (length < 0 || length > 2)) return undefined;
    if (!((FROM_SERVER >> type) & 1)) return violation(`a server sends no packet of type ${type}`);
    return malformed(`type ${type} with wrong flags or a wrong length`); // the same before the length is known
  },

  checkConnack(bytes: Uint8Array, at: number): MqttError | undefined {
    const flags = bytes[at];
    const code = bytes[at + 1];
    if (flags > 1) return malformed(`CONNACK with flags ${flags}`);
    if (code === 0) return undefined;
    const reason = REFUSALS.split(",")[code - 1];
    if (!reason) return violation(`CONNACK with return code ${code}`);
    return new MqttError("ERR_CONNECTION_REFUSED", `refused by the server: ${reason}`, "server", code);
  },

  checkCodes(codes: Uint8Array): MqttError | undefined {
    return codes.every((code) => code < 3 || code === 0x80) ? undefined : violation("SUBACK with a wrong code");
  },

  readPublish(parts: PublishParts, at: number, end: number, received: number): MqttError | undefined {
    const bytes = parts.bytes;
    const topicStart = at + LENGTH_SIZE;
    const topicEnd = topicStart + ((bytes[at] << 8) | bytes[at + 1]);
    const start = parts.flags & ANY_QOS ? topicEnd + 2 : topicEnd;
    if (topicStart > end || start > end) return malformed("PUBLISH with a topic past its end");
    if (start > received) return new MqttError("ERR_RECEIVE_SIZE", "a topic does not fit packetSize", "resources");
    parts.topicStart = topicStart;
    parts.topicEnd = topicEnd;
    parts.start = start;
    if (!isTopicName(bytes, parts.view, topicStart, topicEnd)) return malformed("PUBLISH with a wrong topic name");
    if (start === topicEnd) return undefined;
    parts.identifier = (bytes[topicEnd] << 8) | bytes[topicEnd + 1];
    return parts.identifier === 0 ? violation("identifier 0") : undefined;
  },
});

/** Puts text or bytes behind their length. @throws MqttError that names `name`. */
function putContent(bytes: Uint8Array, at: number, content: Uint8Array | string, name: string): number {
  const part = content instanceof Uint8Array ? content : encodeUtf8(content);
  if (!part || part.length > MAXIMUM_STRING || (part !== content && part.includes(0)))
    throw wrong(name, "at most 65535 bytes, as text without U+0000");
  bytes[at] = part.length >> 8;
  bytes[at + 1] = part.length;
  return put(bytes, at + LENGTH_SIZE, part);
}
