import type { MqttError } from "../errors.js";

/** What an application wants to be told. */
export interface SessionEvents {
  /** The QoS 1 or 2 message that `publish` gave this packet identifier has arrived: PUBACK or PUBCOMP came. */
  onDelivered?: (identifier: number) => void;
  /** After a `WOULD_BLOCK`: there is room again. */
  onWritable?: () => void;
  /** Something failed that no call is there to throw for and that leaves the connection open. */
  onError?: (error: MqttError) => void;
}
