import { generate, parser, type IPublishPacket, type Packet } from "mqtt-packet";
import { concat, parsePackets, type ClientPacket } from "../../support/v5/packets.js";
import type { Link, Passage, Rewriting } from "../link.js";

// What passes between device and broker, read by the package mqtt-packet.

const VERSION = { protocolVersion: 5 };

/** A packet, and who sent it. */
export interface Sent {
  readonly from: Passage["from"];
  readonly packet: Packet;
}

/** The packets of the latest connection, in the order in which they passed. */
export function packetsOf(link: Link): Sent[] {
  const sent: Sent[] = [];
  const readers = { device: reader(), broker: reader() };
  for (const { from, bytes } of link.traffic) for (const packet of readers[from](bytes)) sent.push({ from, packet });
  return sent;
}

/** Every PUBLISH that the device, or the broker, sent over the latest connection. */
export function publishedBy(from: Passage["from"], link: Link): IPublishPacket[] {
  return packetsOf(link)
    .filter((sent) => sent.from === from)
    .map(({ packet }) => packet)
    .filter((packet) => packet.cmd === "publish");
}

/** What the device sent over the latest connection, read strictly. */
export function sentByDevice(link: Link): ClientPacket[] {
  return parsePackets(concat(...link.traffic.filter(({ from }) => from === "device").map(({ bytes }) => bytes)));
}

/** How many messages of QoS 1 and 2 one side had under way at the same time, at most (4.9). */
export function mostUnderWay(from: Passage["from"], link: Link): number {
  const underWay = new Set<number>();
  let most = 0;
  for (const { from: sender, packet } of packetsOf(link)) {
    const identifier = packet.messageId ?? 0;
    if (packet.cmd === "publish" && packet.qos > 0 && sender === from) underWay.add(identifier);
    if ((packet.cmd === "puback" || packet.cmd === "pubcomp") && sender !== from) underWay.delete(identifier);
    most = Math.max(most, underWay.size);
  }
  return most;
}

/** Puts an alias in the place of each topic, as a broker may that has aliases of its own (mosquitto has none). */
export const aliasing: Rewriting = () => {
  const read = reader();
  const aliases = new Map<string, number>();
  const aliased = (packet: IPublishPacket): Packet => {
    const known = aliases.get(packet.topic);
    const topicAlias = known ?? aliases.size + 1;
    aliases.set(packet.topic, topicAlias);
    return { ...packet, topic: known === undefined ? packet.topic : "", properties: { ...packet.properties, topicAlias } };
  };
  return (bytes) => Buffer.concat(read(bytes).map((packet) => generate(packet.cmd === "publish" ? aliased(packet) : packet, VERSION)));
};

/** Reads a stream, a piece at a time. */
function reader(): (bytes: Buffer) => Packet[] {
  const parsing = parser(VERSION);
  let packets: Packet[] = [];
  parsing.on("packet", (packet: Packet) => packets.push(packet));
  parsing.on("error", (error: Error) => {
    throw error;
  });
  return (bytes) => {
    packets = [];
    parsing.parse(bytes);
    return packets;
  };
}
