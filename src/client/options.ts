import type { MqttError } from "../errors.js";
import type { Message } from "../session/message.js";
import type { QoS } from "../wire/quality-of-service.js";
import type { Topic } from "../wire/topic.js";
import type { TopicFilter } from "../wire/topic-filter.js";
import type { Clock } from "./clock.js";
import type { Transport } from "./transport.js";

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

/** One filter to subscribe to. */
export interface Subscription {
  filter: TopicFilter | string;
  /** The highest quality of service wanted; default 0. */
  qos?: QoS;
  /** Called with each message, or piece of one, whose topic matches. Default: `onMessage` gets it. */
  handler?: (message: Message) => void;
}

/** What `Client` is made of. Every limit is fixed at construction, when all memory is taken. */
export interface ClientOptions {
  /** The stream to the server, from one of the hosts; opened anew for every connection. */
  transport: Transport;
  /** Time, from one of the hosts. */
  clock: Clock;
  /** Uniform in [0, 1), for the jitter of reconnects; default `Math.random`. */
  random?: () => number;

  /** Client identifier, up to 65,535 bytes (servers may stop at 23). Default "": the server makes one up. */
  clientId?: string;
  username?: string;
  /** Up to 65,535 bytes; needs `username` (3.1.2.9). */
  password?: string | Uint8Array;
  /** Seconds of silence after which a PINGREQ is sent, 0 to 65,535; 0 means never. Default 60. */
  keepalive?: number;
  /** Whether every connection starts a new session. Default true; false, with a `clientId`, is what loses nothing. */
  clean?: boolean;
  will?: Will;

  /** Milliseconds until an attempt to connect, CONNACK included, is given up. Default 30,000. */
  connectTimeout?: number;
  /** Milliseconds: the longest wait before the first reconnect, doubled with every failure. 0: never. Default 1,000. */
  reconnectPeriod?: number;
  /** Milliseconds: the doubling stops here. Default 60,000. */
  reconnectMaximum?: number;
  /** Milliseconds that a connection must last before the doubling starts over. Default 10,000. */
  stableAfter?: number;

  /**
   * Bytes of the largest packet that is sent or received whole, 32 up to the transport's `writeLimit`; larger messages
   * go in pieces. Costs this many bytes twice, for receiving and for sending. Default 512.
   */
  packetSize?: number;
  /** QoS 1 and 2 messages on their way at the same time, 1 to 65,535. Costs `packetSize` bytes each. Default 4. */
  inflight?: number;
  /** Received QoS 2 identifiers remembered until their PUBREL, 1 to 65,535. Costs 2 bytes each. Default 64. */
  receiveMaximum?: number;
  /** Filters subscribed to at the same time. Costs nothing until used, then about 20 slots each. Default 8. */
  subscriptions?: number;

  /** The server accepted the connection; `sessionPresent` as it said (3.2.2.2). */
  onConnect?: (sessionPresent: boolean) => void;
  /**
   * The connection, or the attempt to make one, ended: with the error, or without one after `close`.
   * Unless `close` was called or `reconnectPeriod` is 0, another attempt follows.
   */
  onDisconnect?: (error: MqttError | undefined) => void;
  /** A message came in for which no subscription has a handler. */
  onMessage?: (message: Message) => void;
  /** The QoS 1 or 2 message that `publish` gave this packet identifier has arrived: PUBACK or PUBCOMP came. */
  onDelivered?: (identifier: number) => void;
  /** After a `WOULD_BLOCK`: there is room again. */
  onWritable?: () => void;
  /** Something failed that no call is there to throw for and that leaves the connection open. */
  onError?: (error: MqttError) => void;
}
