import { MqttError } from "../errors.js";

/** From here on, a SUBACK's code says that the server refused the filter (3.9.3). */
export const SUBSCRIPTION_FAILURE = 0x80;

/** What is known of the packet that is being received: the decoder sets the frame, the codec the rest. Reused. */
export class Packet {
  /** Packet type, 1 to 15, and the flags beside it in the first byte (2.2). */
  type = 0;
  flags = 0;
  /** Where the bytes after the fixed header begin and end; the end of a large PUBLISH may lie past the buffer. */
  start = 0;
  end = 0;

  /** Packet identifier, of the types that carry one. */
  identifier = 0;
  /** PUBLISH: the topic name, without its length. */
  topicStart = 0;
  topicEnd = 0;
  /** PUBLISH: where the payload, or the piece of it at hand, begins and ends. */
  payloadStart = 0;
  payloadEnd = 0;
  /** PUBLISH: where in the payload that piece lies, and how long the payload is. */
  payloadOffset = 0;
  payloadTotal = 0;
  /** CONNACK. */
  sessionPresent = false;
  returnCode = 0;
}

/** A packet that breaks the format the standard gives it. */
export function malformed(what: string): MqttError {
  return new MqttError("ERR_MALFORMED_PACKET", `malformed packet: ${what}`);
}

/** A packet, well-formed, that the standard forbids here. */
export function violation(what: string): MqttError {
  return new MqttError("ERR_PROTOCOL", `protocol violation: ${what}`);
}
