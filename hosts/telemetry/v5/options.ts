import type { ClientOptions } from "mqtt-xs/v5";
import type { DecidedOptions, FirmwareOptions, TelemetryObserver as PlainObserver } from "../options.js";

/** What the firmware tells. Numbers only in the steady state, so that telling allocates nothing. */
export interface TelemetryObserver extends PlainObserver {
  /**
   * The server refused the reading with this reason code, 0x80 or more, such as 0x87 (not authorized) or 0x97 (quota
   * exceeded); 0x95 also where it does not fit the client's own `packetSize`. It is not delivered, and not sent again.
   */
  onRefused?(sequence: number, reasonCode: number): void;
}

/** Everything host-specific, what the firmware can be told to do otherwise, and what MQTT 5.0 has for a sensor. */
export interface TelemetryOptions extends Omit<ClientOptions, DecidedOptions>, Omit<FirmwareOptions, "observer"> {
  /** Identifies the session, which outlives connections, so that nothing is lost between them. */
  clientId: string;
  /**
   * Seconds that the server keeps the session of a sensor that is gone, 0 to 4,294,967,295, which means for ever. Default
   * 86,400: a day.
   */
  sessionExpiryInterval?: number;
  /**
   * Seconds, from when the server has it, that a reading is worth being delivered to those who are away, 0 to
   * 4,294,967,295. Default 86,400: a day.
   */
  messageExpiryInterval?: number;
  /**
   * Seconds that a lost connection may take to come back before the server says `offline`, 0 to 4,294,967,295; a session
   * that expires earlier ends them. Default 10.
   */
  willDelayInterval?: number;
  /** Whether readings say the units of their numbers, as User Properties: 46 bytes of each. Default true. */
  units?: boolean;
  observer?: TelemetryObserver;
}
