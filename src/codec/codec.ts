import type { MqttError } from "../errors.js";
import type { QoS } from "../wire/quality-of-service.js";
import type { Topic } from "../wire/topic.js";
import type { TopicFilter } from "../wire/topic-filter.js";
import type { Packet } from "./packet.js";

/** The content of a CONNECT, checked, its texts encoded with their lengths. */
export interface ConnectFields {
  clientId: Uint8Array;
  username: Uint8Array | undefined;
  password: Uint8Array | undefined;
  keepalive: number;
  clean: boolean;
  will: { topic: Topic; payload: Uint8Array; qos: QoS; retain: boolean } | undefined;
}

/** A filter and the quality of service asked for it. */
export interface RequestedFilter {
  filter: TopicFilter;
  qos: QoS;
}

/**
 * One version of the protocol: how packets are written and what of a received one is legal. Has no state. The session
 * engine knows nothing else of the version, so that another one reaches it by injection.
 */
export interface Codec {
  /** Encodes a CONNECT. Allocates it. */
  connect(fields: ConnectFields): Uint8Array;
  /** Encodes a SUBSCRIBE. Allocates it. */
  subscribe(identifier: number, filters: readonly RequestedFilter[]): Uint8Array;
  /** Encodes an UNSUBSCRIBE. Allocates it. */
  unsubscribe(identifier: number, filters: readonly TopicFilter[]): Uint8Array;

  /** How many bytes a PUBLISH takes, whole. */
  publishSize(topic: Topic, qos: QoS, payloadLength: number): number;
  /**
   * Writes a PUBLISH up to its payload. Allocates nothing.
   * @param identifier 0 with QoS 0, which has none
   * @returns the index after the last byte written, where the payload belongs.
   */
  writePublish(
    bytes: Uint8Array,
    at: number,
    topic: Topic,
    qos: QoS,
    retain: boolean,
    identifier: number,
    payloadLength: number,
  ): number;

  /** What is wrong with the first byte of a packet, if anything: its type and flags. */
  checkFirstByte(first: number): MqttError | undefined;
  /** What is wrong with `length` as the Remaining Length of a packet of this type. */
  checkLength(type: number, length: number): MqttError | undefined;
  /** Reads a packet that is not a PUBLISH and has come in whole. */
  read(packet: Packet, bytes: Uint8Array): MqttError | undefined;
  /**
   * Reads a PUBLISH up to its payload, and sets `payloadStart` first of all.
   * @param received where the bytes received so far end.
   */
  readPublish(packet: Packet, bytes: Uint8Array, received: number): MqttError | undefined;
}
