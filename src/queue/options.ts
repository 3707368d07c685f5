import type { Clock, MqttError, PayloadSource, QoS, Topic } from "../index.js";
import type { PacketProperties } from "../codec/codec.js";
import type { StoredSession } from "../store/stored-session.js";

/** What a queue needs of its client: that of `mqtt-xs` and that of `mqtt-xs/v5` have it. */
export interface QueueClient<Properties> {
  readonly connected: boolean;
  publish(topic: Pick<Topic, "bytes">, payload: PayloadSource, qos: QoS, retain: boolean, properties?: Properties): number;
}

/** Properties as a PUBLISH of MQTT 5.0 has them. */
export interface QueuedProperties extends PacketProperties {
  readonly packets: number;
}

/** What to do with a message for which there is no room. */
export type WhenFull = "refuse" | "drop-oldest" | "drop-newest";

export interface QueueOptions<Properties> {
  /** Who sends the messages. Its `onConnect` and `onWritable` must call `drain`. */
  client: QueueClient<Properties>;
  clock: Clock;
  /** That of the client: a message must fit it. Costs as many bytes twice, and once more with properties. Default 512. */
  packetSize?: number;
  /**
   * Without `session`: bytes of RAM for the messages, `packetSize + 2` to 16,777,215; each takes its topic, its payload and
   * 15. Default 4,096.
   */
  bytes?: number;
  /** Has the messages on this session's store, where they outlive a loss of power. Only with QoS 1 and 2. */
  session?: StoredSession;
  /** With `session`: the most messages, 1 to 8,191. Default 32. */
  messages?: number;
  /**
   * When there is no room: `"refuse"` (default) has `publish` return false, `"drop-oldest"` makes room, and `"drop-newest"`
   * gives the new message up. The last two call `onDropped`.
   */
  whenFull?: WhenFull;
  /** Seconds that messages are worth being sent for unless `publish` is told otherwise; 0, the default: for ever. */
  expiry?: number;
  /** Milliseconds from one message to the next while the queue is drained, 0 to 2^31-1. Default 0: as fast as the client takes. */
  interval?: number;
  /**
   * Seconds since 1970, for `expiry`; as long as it returns less than 1,577,836,800 (2020), the time is taken not to be set,
   * and what is queued meanwhile does not expire. Default: the clock, which stands still while the device is off or asleep.
   */
  time?: () => number;
  /** A message was given up, for which there was no room or, with `isExpired`, which was not worth being sent any more. */
  onDropped?: (isExpired: boolean) => void;
  /** The client refused to send a message (such as `ERR_NOT_SUPPORTED`), which was given up. */
  onError?: (error: MqttError) => void;
}
