import { MqttError } from "../errors.js";
import {
  CONNACK,
  CONNECT,
  PINGRESP,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  PUBREL,
  QOS_MASK,
  QOS_SHIFT,
  DUP,
  RESERVED_FLAGS,
  RETAIN,
  SUBACK,
  SUBSCRIBE,
  UNSUBACK,
  UNSUBSCRIBE,
} from "../wire/packet-type.js";
import type { QoS } from "../wire/quality-of-service.js";
import { isTopicName, type Topic } from "../wire/topic.js";
import type { TopicFilter } from "../wire/topic-filter.js";
import { variableByteIntegerSize, writeVariableByteInteger } from "../wire/variable-byte-integer.js";
import type { Codec, ConnectFields, RequestedFilter } from "./codec.js";
import { join } from "./join.js";
import { malformed, type Packet, SUBSCRIPTION_FAILURE, violation } from "./packet.js";

const PROTOCOL = [0, 4, 0x4d, 0x51, 0x54, 0x54, 4]; // "MQTT", level 4 (3.1.2)
const CLEAN_SESSION = 0x02;
const WILL = 0x04;
const WILL_QOS_SHIFT = 3;
const WILL_RETAIN = 0x20;
const PASSWORD = 0x40;
const USERNAME = 0x80;

const REFUSALS = [
  "accepted",
  "unacceptable protocol version",
  "identifier rejected",
  "server unavailable",
  "bad user name or password",
  "not authorized",
]; // by return code (3.2.2.3)

/** MQTT 3.1.1. */
export const v3: Codec = {
  connect({ clientId, username, password, keepalive, clean, will }: ConnectFields): Uint8Array {
    let flags = clean ? CLEAN_SESSION : 0;
    const payload = [clientId];
    if (will) {
      flags |= WILL | (will.qos << WILL_QOS_SHIFT) | (will.retain ? WILL_RETAIN : 0);
      payload.push(will.topic.bytes, will.payload);
    }
    if (username) {
      flags |= USERNAME;
      payload.push(username);
    }
    if (password) {
      flags |= PASSWORD;
      payload.push(password);
    }
    const head = Uint8Array.from([...PROTOCOL, flags, keepalive >> 8, keepalive & 0xff]);
    return join(CONNECT << 4, [head, ...payload]);
  },

  subscribe(identifier: number, filters: readonly RequestedFilter[]): Uint8Array {
    const parts = [uint16(identifier)];
    for (const { filter, qos } of filters) parts.push(filter.bytes, Uint8Array.of(qos));
    return join((SUBSCRIBE << 4) | RESERVED_FLAGS, parts);
  },

  unsubscribe(identifier: number, filters: readonly TopicFilter[]): Uint8Array {
    return join((UNSUBSCRIBE << 4) | RESERVED_FLAGS, [uint16(identifier), ...filters.map(({ bytes }) => bytes)]);
  },

  publishSize(topic: Topic, qos: QoS, payloadLength: number): number {
    const length = topic.bytes.length + (qos > 0 ? 2 : 0) + payloadLength;
    return 1 + variableByteIntegerSize(length) + length;
  },

  writePublish(
    bytes: Uint8Array,
    at: number,
    topic: Topic,
    qos: QoS,
    retain: boolean,
    identifier: number,
    payloadLength: number,
  ): number {
    const name = topic.bytes;
    const size = name.length;
    bytes[at++] = (PUBLISH << 4) | (qos << QOS_SHIFT) | (retain ? RETAIN : 0);
    const length = size + (qos > 0 ? 2 : 0) + payloadLength;
    if (length < 0x80) bytes[at++] = length; // the usual case, without the call
    else at = writeVariableByteInteger(bytes, at, length);
    bytes.set(name, at);
    at += size;
    if (qos > 0) {
      bytes[at++] = identifier >> 8;
      bytes[at++] = identifier;
    }
    return at;
  },

  checkFirstByte(first: number): MqttError | undefined {
    const type = first >> 4;
    const flags = first & 0x0f;
    switch (type) {
      case PUBLISH:
        return flags < DUP && flags >> QOS_SHIFT !== QOS_MASK ? undefined : checkPublishFlags(flags);
      case CONNACK:
      case PUBACK:
      case PUBREC:
      case PUBCOMP:
      case SUBACK:
      case UNSUBACK:
      case PINGRESP:
        return flags === 0 ? undefined : malformed(`type ${type} with flags ${flags}`);
      case PUBREL:
        return flags === RESERVED_FLAGS ? undefined : malformed(`PUBREL with flags ${flags}`);
      default:
        return violation(`a server sends no packet of type ${type}`);
    }
  },

  checkLength(type: number, length: number): MqttError | undefined {
    const right = type === PUBLISH || (type === SUBACK ? length > 2 : length === (type === PINGRESP ? 0 : 2));
    return right ? undefined : malformed(`type ${type} with remaining length ${length}`);
  },

  read(packet: Packet, bytes: Uint8Array): MqttError | undefined {
    const start = packet.start;
    if (packet.type === PINGRESP) return undefined;
    if (packet.type === CONNACK) return readConnack(packet, bytes[start], bytes[start + 1]);
    packet.identifier = (bytes[start] << 8) | bytes[start + 1];
    if (packet.identifier === 0) return violation("packet identifier 0");
    if (packet.type !== SUBACK) return undefined;
    for (let at = start + 2; at < packet.end; at++)
      if (bytes[at] > 2 && bytes[at] !== SUBSCRIPTION_FAILURE) return violation(`SUBACK with code ${bytes[at]}`);
    return undefined;
  },

  readPublish(packet: Packet, bytes: Uint8Array, received: number): MqttError | undefined {
    const start = packet.start;
    const topicStart = start + 2;
    if (topicStart > packet.end) return malformed("PUBLISH without a topic");
    const topicEnd = topicStart + ((bytes[start] << 8) | bytes[start + 1]);
    const qos = (packet.flags >> QOS_SHIFT) & QOS_MASK;
    const payloadStart = qos > 0 ? topicEnd + 2 : topicEnd;
    if (payloadStart > packet.end) return malformed("PUBLISH shorter than its topic and identifier");
    packet.payloadStart = payloadStart;
    if (payloadStart > received)
      return new MqttError("ERR_RECEIVE_SIZE", `a topic of ${topicEnd - topicStart} bytes does not fit packetSize`);
    packet.topicStart = topicStart;
    packet.topicEnd = topicEnd;
    if (!isTopicName(bytes, topicStart, topicEnd)) return malformed("PUBLISH to what is not a topic name");
    if (qos === 0) return undefined;
    packet.identifier = (bytes[topicEnd] << 8) | bytes[topicEnd + 1];
    return packet.identifier === 0 ? violation("packet identifier 0") : undefined;
  },
};

function checkPublishFlags(flags: number): MqttError | undefined {
  const qos = (flags >> QOS_SHIFT) & QOS_MASK;
  if (qos === QOS_MASK) return malformed("PUBLISH with QoS 3");
  return qos === 0 ? malformed("PUBLISH with QoS 0 and DUP") : undefined;
}

function readConnack(packet: Packet, flags: number, returnCode: number): MqttError | undefined {
  packet.sessionPresent = flags === 1;
  packet.returnCode = returnCode;
  if (flags > 1) return malformed(`CONNACK with flags ${flags}`);
  if (returnCode >= REFUSALS.length) return violation(`CONNACK with return code ${returnCode}`);
  if (returnCode === 0) return undefined;
  const violated = packet.sessionPresent ? " (and wrongly says that a session is present)" : "";
  return new MqttError(
    "ERR_CONNECTION_REFUSED",
    `the server refused the connection: ${REFUSALS[returnCode]}${violated}`,
    returnCode,
  );
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}
