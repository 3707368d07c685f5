import type { ClientOptions, Message, MqttError, QoS } from "mqtt-xs";
import type { Sensors } from "./sensors.js";

/** What the firmware tells. Numbers only in the steady state, so that telling allocates nothing. */
export interface TelemetryObserver {
  /** The broker accepted the connection. */
  onConnect?(sessionPresent: boolean): void;
  /** The connection, or an attempt to make one, failed; another follows. */
  onDisconnect?(error: MqttError | undefined): void;
  /** The sensors were read. `sequence` counts from 1. */
  onReading?(sequence: number, temperature: number, humidity: number, battery: number): void;
  /** The client took the reading, to send it now or, with QoS 1 and 2, when there is a connection. */
  onPublished?(sequence: number): void;
  /** The reading is acknowledged, `roundTrip` milliseconds after it was published. QoS 0: handed over, 0 ms. */
  onDelivered?(sequence: number, roundTrip: number): void;
  /** A command changed the interval. */
  onInterval?(milliseconds: number): void;
  /**
   * One of `commands` came in. `message` is the client's own: a large one comes in pieces, and what is to be kept of it
   * must be copied, which allocates.
   */
  onCommand?(name: string, message: Message): void;
  /** The last thing that happens: the connection is closed in order. */
  onFinished?(): void;
}

/** What the firmware can be told to do otherwise, whichever version of MQTT it speaks. */
export interface FirmwareOptions {
  /** The topics are `<base>/status`, `<base>/reading` and `<base>/command/…`. Default `"telemetry"`. */
  base?: string;
  /** What the readings are made of. Default: simulated sensors. */
  sensors?: Sensors;
  /**
   * Names of commands beside `interval`: `"led"` has what is published to `<base>/command/led` go to `onCommand`. Each has
   * a subscription of its own, so that telling them apart allocates nothing. Default: none.
   */
  commands?: readonly string[];
  /** Quality of service of the readings. Default 1. */
  qos?: QoS;
  /** Milliseconds from one reading to the next. Default 1,000. */
  interval?: number;
  /** How many readings to take before closing in order. Default: no end. */
  count?: number;
  /** Pads readings to this many bytes; more than `packetSize` go in pieces. Default 0: no padding. */
  payloadSize?: number;
  observer?: TelemetryObserver;
}

/** Names of the options of a client that the firmware keeps to itself. */
export type DecidedOptions =
  | "clean"
  | "will"
  | "subscriptions"
  | "onConnect"
  | "onDisconnect"
  | "onMessage"
  | "onDelivered"
  | "onWritable"
  | "onError";

/** Everything host-specific, and what the firmware can be told to do otherwise. */
export interface TelemetryOptions extends Omit<ClientOptions, DecidedOptions>, FirmwareOptions {
  /** Identifies the session, which outlives connections, so that nothing is lost between them. */
  clientId: string;
}

/** The running firmware. */
export interface Telemetry {
  /**
   * Takes a reading now, whenever the next is due, which then follows an interval later.
   * @returns false when there is none: an earlier one still waits for room, or the end has come.
   */
  read(): boolean;
  /** Takes no more readings, waits a little for those on their way, and closes in order; `onFinished` follows. */
  stop(): void;
}
