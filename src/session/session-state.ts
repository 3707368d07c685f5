import { Inbox } from "./inbox.js";
import { Outbox } from "./outbox.js";

/** The limits that a session's memory is made from, checked. */
export interface SessionLimits {
  readonly packetSize: number;
  readonly inflight: number;
  readonly receiveMaximum: number;
  readonly subscriptions: number;
  readonly clean: boolean;
}

/** What outlives connections (MQTT 3.1.1, 4.1), but for subscriptions. */
export interface SessionState {
  readonly outbox: Outbox;
  readonly inbox: Inbox;
  /** The packet identifier used last; 0 when none has been. */
  readonly lastIdentifier: number;
}

/** Makes a session's state, and keeps it somewhere: `StoredSession` of `mqtt-xs/store`. */
export interface SessionKeeper {
  /** Called once, by the client's constructor. @throws MqttError, as that does. */
  open(limits: SessionLimits, protocolVersion: number): SessionState;
}

/** A session that lasts as long as the program does. */
export function newSession({ inflight, packetSize, receiveMaximum }: SessionLimits): SessionState {
  return { outbox: new Outbox(inflight, packetSize), inbox: new Inbox(receiveMaximum), lastIdentifier: 0 };
}
