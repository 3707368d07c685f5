import { MqttError } from "../index.js";

// Errors with the reason codes of MQTT 5.0 (2.4), which our DISCONNECT tells the server.

export const UNSPECIFIED_ERROR = 0x80;
export const MALFORMED_PACKET = 0x81;
export const PROTOCOL_ERROR = 0x82;
export const UNSUPPORTED_PROTOCOL_VERSION = 0x84;
export const PACKET_IDENTIFIER_NOT_FOUND = 0x92;
export const RECEIVE_MAXIMUM_EXCEEDED = 0x93;
export const TOPIC_ALIAS_INVALID = 0x94;
export const PACKET_TOO_LARGE = 0x95;
export const QUOTA_EXCEEDED = 0x97;
export const RETAIN_NOT_SUPPORTED = 0x9a;
export const QOS_NOT_SUPPORTED = 0x9b;
export const SHARED_SUBSCRIPTIONS_NOT_SUPPORTED = 0x9e;
export const SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED = 0xa1;
export const WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED = 0xa2;

/** From here on, reason codes say that something failed (2.4). */
export const FAILED = 0x80;

/** A packet that breaks the format the standard gives it. */
export function malformed(what: string): MqttError {
  return new MqttError("ERR_MALFORMED_PACKET", `malformed packet: ${what}`, "server", MALFORMED_PACKET);
}

/** A packet, well-formed, that the standard forbids here. */
export function violation(what: string, reasonCode = PROTOCOL_ERROR): MqttError {
  return new MqttError("ERR_PROTOCOL", `protocol violation: ${what}`, "server", reasonCode);
}

/** The server has said that it does not do this. */
export function notSupported(what: string, reasonCode: number): MqttError {
  return new MqttError("ERR_NOT_SUPPORTED", `the server supports no ${what}`, "caller", reasonCode);
}
