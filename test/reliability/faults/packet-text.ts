import type { Packet } from "mqtt-packet";

/** A packet in one line: what counts for its delivery. */
export function describePacket(packet: Packet): string {
  const { cmd, messageId } = packet;
  const identifier = messageId === undefined ? "" : ` ${messageId}`;
  switch (packet.cmd) {
    case "publish":
      return `PUBLISH${identifier} ${packet.topic} QoS ${packet.qos}${packet.dup ? " DUP" : ""} ${contentOf(packet.payload)}`;
    case "connack":
      return `CONNACK${packet.sessionPresent ? " session present" : ""} ${packet.returnCode ?? packet.reasonCode ?? 0}`;
    case "connect":
      return `CONNECT ${packet.clientId}${packet.clean ? " clean" : ""}`;
    default:
      return `${cmd.toUpperCase()}${identifier}`;
  }
}

/** What tells the messages of one topic apart. */
function contentOf(payload: string | Buffer): string {
  return payload.length === 0 ? "empty" : `${payload.length} bytes, number ${Buffer.from(payload)[0]}`;
}
