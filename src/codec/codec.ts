import type { MqttError } from "../errors.js";
import type { QoS } from "../wire/quality-of-service.js";
import type { Topic } from "../wire/topic.js";
import type { TopicFilter } from "../wire/topic-filter.js";

/** Past the end of any buffer. */
export const NO_ROOM = 0x7fff_ffff;

/** The message that the server publishes for a client that vanishes without a DISCONNECT (MQTT 3.1.1, 3.1.2.5). */
export interface Will {
  topic: Topic | string;
  /** Up to 65,535 bytes; default none. */
  payload?: Uint8Array | string;
  /** Default 0. */
  qos?: QoS;
  /** Default false. */
  retain?: boolean;
}

/** What a CONNECT says. */
export interface ConnectOptions {
  /** Client identifier, up to 65,535 bytes (servers may stop at 23). Default "": the server makes one up. */
  clientId?: string;
  username?: string;
  /** Up to 65,535 bytes; needs `username` (3.1.2.9). */
  password?: string | Uint8Array;
  /**
   * Keep Alive in seconds, 0 to 65,535; 0 means none. Default 60. A PINGREQ is sent when nothing else was for between 75 and
   * 90 % of it.
   */
  keepalive?: number;
  /** Whether every connection starts a new session. Default true; false, with a `clientId`, is what loses nothing. */
  clean?: boolean;
  will?: Will;
}

/** What a PUBLISH carries beside topic and payload, in versions that have it, prepared to be written. */
export interface PacketProperties {
  readonly bytes: Uint8Array;
}

/** A filter, and the quality of service asked for it. */
export interface RequestedFilter {
  readonly filter: TopicFilter;
  readonly qos: QoS;
}

/** Where a received PUBLISH has its parts, in the buffer that it was received in. */
export interface PublishParts {
  /** The buffer, and another view of it. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Its flags: DUP, QoS and RETAIN (3.3.1). */
  flags: number;
  /** Packet identifier; void with QoS 0. */
  identifier: number;
  /** The topic name, without its length. */
  topicStart: number;
  topicEnd: number;
  /** The payload, or the piece of it at hand. */
  start: number;
  end: number;
}

/**
 * One version of the protocol: how packets are written and what of a received one is legal. The session engine knows
 * nothing else of the version, so that another one reaches it by injection. `Properties` are what a PUBLISH can carry in it.
 */
export interface Codec<Properties extends PacketProperties = never> {
  /** As CONNECT gives it (3.1.2.2). */
  readonly protocolVersion: number;

  /**
   * Writes a CONNECT, to the front. @returns its length.
   * @throws MqttError `ERR_ARGUMENT` that names the option that is wrong; `ERR_PACKET_SIZE`.
   */
  connect(bytes: Uint8Array, options: ConnectOptions): number;
  /** Writes a SUBSCRIBE or UNSUBSCRIBE, as `type` says, to the front. @returns its length. */
  request(bytes: Uint8Array, type: number, identifier: number, filters: readonly RequestedFilter[]): number;
  /**
   * Writes a PUBLISH up to its payload. Allocates nothing.
   * @param flags DUP, QoS and RETAIN (3.3.1). @param identifier 0 with QoS 0, which has none.
   * @returns the index after the last byte written, where the payload belongs; `NO_ROOM` when this much does not fit.
   * @throws MqttError `ERR_PACKET_SIZE` when no packet can have such a payload.
   */
  publish(
    bytes: Uint8Array,
    at: number,
    topic: Topic,
    flags: number,
    identifier: number,
    payloadLength: number,
    properties?: Properties,
  ): number;

  /** What the application is given of the packet that came in last, besides what all versions have. */
  readonly received?: unknown;
  /** By the first byte of a packet, the length that it always has, of those that always have one: a quick first look. */
  readonly lengths: Readonly<Partial<Record<number, number>>>;
  /** What is wrong with a packet's fixed header, if anything; with `length` -1 when that is not known yet. */
  check(first: number, length: number): MqttError | undefined;
  /** What is wrong with the CONNACK from `at` to `end`, or how it refuses the connection. */
  checkConnack(bytes: Uint8Array, at: number, end: number): MqttError | undefined;
  /** What is wrong with the codes of a SUBACK or, as `type` says and where it has any, an UNSUBACK. */
  checkCodes(codes: Uint8Array, type: number): MqttError | undefined;
  /**
   * Reads a PUBLISH up to its payload, which then lies from `parts.start` on. Allocates nothing.
   * @param end where the packet ends. @param received where the bytes received so far end.
   */
  readPublish(parts: PublishParts, at: number, end: number, received: number): MqttError | undefined;
}
