import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { listen } from "../../../hosts/start/listen.js";
import { type Channel, type ChannelKind, overTcp } from "./channel.js";

/** What a peer sends back for a packet, as it came; nothing for `undefined`. */
export type Answer = (packet: Buffer, peer: Peer) => Uint8Array | undefined;

/** Packet types by name (2.2.1). */
export const CONNECT = 1;
export const PUBLISH = 3;
export const PUBACK = 4;
export const PUBREC = 5;
export const PUBREL = 6;
export const PUBCOMP = 7;
export const SUBSCRIBE = 8;
export const PINGREQ = 12;

/**
 * The server that programs on XS talk to over real TCP, or what is on top of it: bytes, and answers at once, with nothing
 * from `src`. It serves one connection after the other.
 */
export class Peer {
  /** How many packets of each type have come, by its number. */
  readonly received: number[] = new Array<number>(16).fill(0);
  readonly port: number;
  readonly #server: Server;
  #socket: Socket | undefined;
  #channel: Channel | undefined;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  /** Listens on a free port of the loopback interface; given its certificate and key, with TLS. */
  static async listen(answer: Answer = acknowledge, kind: ChannelKind = overTcp, tls?: TlsOptions): Promise<Peer> {
    const server = tls ? createTlsServer({ ...tls, noDelay: true }) : createServer({ noDelay: true });
    const peer = new Peer(server, await listen(server));
    server.on(tls ? "secureConnection" : "connection", (socket: Socket) => peer.#serve(socket, answer, kind));
    return peer;
  }

  /** Sends bytes on the latest connection. */
  send(bytes: Uint8Array): void {
    this.#channel?.send(bytes);
  }

  /** Ends the latest connection; what was sent before arrives. */
  drop(): void {
    this.#channel?.end();
  }

  async close(): Promise<void> {
    this.#socket?.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #serve(socket: Socket, answer: Answer, kind: ChannelKind): void {
    this.#socket = socket;
    let unread: Buffer = Buffer.alloc(0);
    socket.on("error", () => undefined); // a program that was killed
    const channel = kind(socket, (data) => {
      const answers: Uint8Array[] = [];
      unread = takePackets(Buffer.concat([unread, data]), (packet) => {
        this.received[packet[0] >> 4]++;
        const bytes = answer(packet, this);
        if (bytes) answers.push(bytes);
      });
      if (answers.length > 0) channel.send(Buffer.concat(answers));
    });
    this.#channel = channel;
  }
}

/** The packet's identifier, which is behind the topic of a PUBLISH and at the front of all others. */
export function identifierOf(packet: Buffer): number {
  const start = headOf(packet);
  return packet.readUInt16BE(packet[0] >> 4 === PUBLISH ? start + 2 + packet.readUInt16BE(start) : start);
}

/** Answers as a server that takes everything: what is published is acknowledged, what is asked for is granted. */
export function acknowledge(packet: Buffer): Uint8Array | undefined {
  const type = packet[0] >> 4;
  if (type === CONNECT) return Uint8Array.of(0x20, 2, 0, 0);
  if (type === PINGREQ) return Uint8Array.of(0xd0, 0);
  if (type === PUBREC) return withIdentifier(0x62, packet);
  if (type === PUBREL) return withIdentifier(0x70, packet);
  if (type === SUBSCRIBE) return grant(packet);
  if (type !== PUBLISH) return undefined;
  const qos = (packet[0] >> 1) & 3;
  return qos === 0 ? undefined : withIdentifier(qos === 1 ? 0x40 : 0x50, packet);
}

function withIdentifier(first: number, packet: Buffer): Uint8Array {
  const identifier = identifierOf(packet);
  return Uint8Array.of(first, 2, identifier >> 8, identifier);
}

/** SUBACK, with the QoS that each filter asks for. */
function grant(packet: Buffer): Uint8Array {
  const codes: number[] = [];
  const start = headOf(packet);
  for (let at = start + 2; at < packet.length; at++) {
    at += 2 + packet.readUInt16BE(at);
    codes.push(packet[at]);
  }
  return Uint8Array.of(0x90, 2 + codes.length, packet[start], packet[start + 1], ...codes);
}

/** Gives every whole packet to `take`, and returns what is left. */
function takePackets(bytes: Buffer, take: (packet: Buffer) => void): Buffer {
  let start = 0;
  for (let end = endOf(bytes, start); end <= bytes.length; end = endOf(bytes, start)) {
    take(bytes.subarray(start, end));
    start = end;
  }
  return bytes.subarray(start);
}

/** Where the packet at `start` ends; beyond the end when that is not known yet. */
function endOf(bytes: Buffer, start: number): number {
  let length = 0;
  for (let at = start + 1; at < bytes.length; at++) {
    length += (bytes[at] & 0x7f) * 0x80 ** (at - start - 1);
    if (bytes[at] < 0x80) return at + 1 + length;
  }
  return Infinity;
}

/** Where the fixed header ends. */
function headOf(packet: Buffer): number {
  let at = 1;
  while (packet[at] >= 0x80) at++;
  return at + 1;
}
