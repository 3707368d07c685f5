import type { ConnectOptions } from "../codec/codec.js";
import { type MqttError, wrong } from "../errors.js";
import type { Message } from "../session/message.js";
import type { SessionEvents } from "../session/session-events.js";
import type { SessionKeeper } from "../session/session-state.js";
import type { QoS } from "../wire/quality-of-service.js";
import type { TopicFilter } from "../wire/topic-filter.js";
import type { Clock } from "./clock.js";
import type { Transport } from "./transport.js";

/** One filter to subscribe to. */
export interface Subscription {
  filter: TopicFilter | string;
  /** The highest quality of service wanted; default 0. */
  qos?: QoS;
  /** Called with each message, or piece of one, whose topic matches. Default: `onMessage` gets it. */
  handler?: (message: Message) => void;
}

/** What `Client` is made of. Every limit is fixed at construction, when all memory is taken. */
export interface ClientOptions extends ConnectOptions, SessionEvents {
  /** MQTT 3.1.1, in the number that its CONNECT gives it. For 5 there is the `Client` of `mqtt-xs/v5`. */
  protocolVersion?: 4;
  /** The stream to the server, from one of the hosts; opened anew for every connection. */
  transport: Transport;
  /** Time, from one of the hosts. */
  clock: Clock;
  /** Uniform in [0, 1), for the jitter of reconnects; default `Math.random`. */
  random?: () => number;

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
  /** QoS 1 and 2 messages on their way at the same time, 1 to 32,767. Costs `packetSize` bytes each. Default 4. */
  inflight?: number;
  /** Received QoS 2 identifiers remembered until their PUBREL, 1 to 65,535. Costs 2 bytes each. Default 64. */
  receiveMaximum?: number;
  /** Filters subscribed to at the same time, 1 to 32,767. Costs nothing until used. Default 8. */
  subscriptions?: number;

  /**
   * Keeps the session over reboots and losses of power, with `clean: false`: a `StoredSession` of `mqtt-xs/store`. Default: it
   * ends with the program.
   */
  session?: SessionKeeper;

  /** The server accepted the connection; `sessionPresent` as it said (3.2.2.2). */
  onConnect?: (sessionPresent: boolean) => void;
  /**
   * The connection, or the attempt to make one, ended: with the error, or without one after `close`.
   * Unless `close` was called or `reconnectPeriod` is 0, another attempt follows.
   */
  onDisconnect?: (error: MqttError | undefined) => void;
  /** A message came in for which no subscription has a handler. */
  onMessage?: (message: Message) => void;
}

/** The option's value or its default. @throws MqttError `ERR_ARGUMENT` when it is out of range. */
export function wholeNumber<Name extends string>(
  options: Readonly<Partial<Record<Name, number>>>,
  name: Name,
  fallback: number,
  minimum: number,
  maximum: number,
): number {
  const value: number = options[name] ?? fallback;
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
  throw wrong(name, `a whole number from ${minimum} to ${maximum}`);
}

interface Given {
  readonly [name: string]: unknown;
  readonly transport?: Partial<Transport> | null;
  readonly clock?: Partial<Clock> | null;
}

/** @throws MqttError `ERR_ARGUMENT` for a host that is none, or a callback that is no function. */
export function checkFunctions(options: ClientOptions): void {
  const given = options as object as Given; // by callers who may know no types
  if (!given.transport?.open) throw wrong("transport", "a Transport, from one of the hosts");
  if (!given.clock?.createTimer) throw wrong("clock", "a Clock, from one of the hosts");
  for (const name in options) {
    const value = given[name];
    if ((name === "random" || name.startsWith("on")) && value !== undefined && typeof value !== "function")
      throw wrong(name, "a function");
  }
}
