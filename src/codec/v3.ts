import { malformed, MqttError, violation, wrong } from "../errors.js";
import { frame, MAXIMUM_HEADER, MAXIMUM_REMAINING_LENGTH, packetSize, put, writeLength } from "../wire/frame.js";
import { checkQoS } from "../wire/quality-of-service.js";
import {
  CONNECT,
  DUP,
  PUBLISH,
  PUBREL,
  QOS_MASK,
  QOS_SHIFT,
  RESERVED_FLAGS,
  SUBACK,
  SUBSCRIBE,
  UNSUBSCRIBE,
} from "../wire/packet-type.js";
import { isTopicName, Topic } from "../wire/topic.js";
import { encodeUtf8, LENGTH_SIZE, MAXIMUM_STRING_SIZE } from "../wire/utf8.js";
import { type Codec, type ConnectOptions, NO_ROOM, type PublishParts, type RequestedFilter } from "./codec.js";

const PUBLISH_FIRST_BYTE = PUBLISH << 4;
const LEVEL = 4; // of the protocol (3.1.2.2)
const CLEAN_SESSION = 0x02;
const WILL = 0x04;
const WILL_QOS_SHIFT = 3;
const WILL_RETAIN = 0x20;
const PASSWORD = 0x40;
const USERNAME = 0x80;

/** Bit n is set where a server may send packet type n (2.2.1). */
const FROM_SERVER = 0b0010_1010_1111_1100;
/** The last return code there is (3.2.2.3). */
const NOT_AUTHORIZED = 5;

/** MQTT 3.1.1. */
export const v3: Codec = {
  connect(bytes: Uint8Array, options: ConnectOptions): number {
    const { clientId = "", username, password, keepalive = 60, clean = true, will } = options;
    if (typeof clean !== "boolean") throw wrong("clean", "true or false");
    if (!clean && !clientId) throw wrong("clientId", "one that is not empty, since clean is false");
    if (password !== undefined && username === undefined) throw wrong("username", "one, since there is a password");
    let at = putSized(bytes, MAXIMUM_HEADER, encodeUtf8("MQTT"), "protocol");
    bytes[at++] = LEVEL;
    const flagsAt = at++;
    let flags = clean ? CLEAN_SESSION : 0;
    bytes[at++] = keepalive >> 8;
    bytes[at++] = keepalive;
    at = putText(bytes, at, clientId, "clientId");
    if (will) {
      const { topic, payload = "", qos = 0, retain = false } = will;
      if (typeof retain !== "boolean") throw wrong("will.retain", "true or false");
      flags |= WILL | (checkQoS(qos, "will.qos") << WILL_QOS_SHIFT) | (retain ? WILL_RETAIN : 0);
      at = put(bytes, at, topic instanceof Topic ? topic.bytes : new Topic(topic).bytes);
      at = putBinary(bytes, at, payload, "will.payload");
    }
    if (username !== undefined) {
      flags |= USERNAME;
      at = putText(bytes, at, username, "username");
    }
    if (password !== undefined) {
      flags |= PASSWORD;
      at = putBinary(bytes, at, password, "password");
    }
    bytes[flagsAt] = flags;
    return frame(bytes, CONNECT << 4, at);
  },

  subscribe(bytes: Uint8Array, identifier: number, filters: readonly RequestedFilter[]): number {
    return request(bytes, SUBSCRIBE, identifier, filters);
  },

  unsubscribe(bytes: Uint8Array, identifier: number, filters: readonly RequestedFilter[]): number {
    return request(bytes, UNSUBSCRIBE, identifier, filters);
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

  lengths: { 0x20: 2, 0x40: 2, 0x50: 2, 0x62: 2, 0x70: 2, 0xb0: 2, 0xd0: 0 }, // CONNACK, PUBACK … PUBCOMP, UNSUBACK, PINGRESP

  check(first: number, length: number): MqttError | undefined {
    const type = first >> 4;
    const flags = first & 0x0f;
    if (type === PUBLISH) {
      if (flags < DUP ? flags >> QOS_SHIFT < QOS_MASK : flags > DUP + 1 && flags < DUP + 6) return undefined;
      return malformed(`PUBLISH with flags ${flags}`); // QoS 3, or QoS 0 with DUP (3.3.1)
    }
    if (!((FROM_SERVER >> type) & 1)) return violation(`a server sends no packet of type ${type}`);
    if (flags !== (type === PUBREL ? RESERVED_FLAGS : 0)) return malformed(`type ${type} with flags ${flags}`);
    if (length < 0 || length === v3.lengths[first] || (type === SUBACK && length > 2)) return undefined;
    return malformed(`type ${type} with length ${length}`);
  },

  checkConnack(bytes: Uint8Array, at: number): MqttError | undefined {
    const flags = bytes[at];
    const code = bytes[at + 1];
    if (flags > 1) return malformed(`CONNACK with flags ${flags}`);
    if (code > NOT_AUTHORIZED) return violation(`CONNACK with return code ${code}`);
    if (code === 0) return undefined;
    const reason = ["version", "client identifier", "unavailable", "user name or password", "not authorized"][code - 1];
    return new MqttError("ERR_CONNECTION_REFUSED", `refused by the server: ${reason}`, "server", code);
  },

  checkCodes(bytes: Uint8Array, start: number, end: number): MqttError | undefined {
    for (; start < end; start++) if (bytes[start] > 2 && bytes[start] !== 0x80) return violation("SUBACK with a wrong code");
    return undefined;
  },

  readPublish(parts: PublishParts, at: number, end: number, received: number): MqttError | undefined {
    const bytes = parts.bytes;
    const topicStart = at + LENGTH_SIZE;
    const topicEnd = topicStart + ((bytes[at] << 8) | bytes[at + 1]);
    const start = parts.flags & (QOS_MASK << QOS_SHIFT) ? topicEnd + 2 : topicEnd;
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
};

/** A SUBSCRIBE or UNSUBSCRIBE. */
function request(bytes: Uint8Array, type: number, identifier: number, filters: readonly RequestedFilter[]): number {
  bytes[MAXIMUM_HEADER] = identifier >> 8;
  bytes[MAXIMUM_HEADER + 1] = identifier;
  let at = MAXIMUM_HEADER + 2;
  for (let index = 0; index < filters.length; index++) {
    at = put(bytes, at, filters[index].filter.bytes);
    if (type === SUBSCRIBE) bytes[at++] = filters[index].qos;
  }
  return frame(bytes, (type << 4) | RESERVED_FLAGS, at);
}

function putText(bytes: Uint8Array, at: number, text: string, name: string): number {
  const encoded = encodeUtf8(text);
  return putSized(bytes, at, encoded?.includes(0, LENGTH_SIZE) ? undefined : encoded, name);
}

function putBinary(bytes: Uint8Array, at: number, content: Uint8Array | string, name: string): number {
  if (!(content instanceof Uint8Array)) return putSized(bytes, at, encodeUtf8(content), name);
  const sized = new Uint8Array(LENGTH_SIZE + content.length);
  sized[0] = content.length >> 8;
  sized[1] = content.length;
  sized.set(content, LENGTH_SIZE);
  return putSized(bytes, at, sized, name);
}

function putSized(bytes: Uint8Array, at: number, sized: Uint8Array | undefined, name: string): number {
  if (!sized || sized.length > MAXIMUM_STRING_SIZE) throw wrong(name, "at most 65535 bytes of Unicode without U+0000");
  return put(bytes, at, sized);
}
