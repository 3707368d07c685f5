import type { ClientOptions, Message } from "mqtt-xs";
import { parsePackets, toHex, type ClientPacket } from "../support/packets.js";

/** Everything that can be seen of a client: the same for every way to split the stream that it got. */
export interface Observed {
  /** What the application was told, in order. */
  readonly events: readonly string[];
  /** What the server was sent: per kind of packet, since only within a kind does the standard ask for an order. */
  readonly sent: Readonly<Record<string, readonly string[]>>;
  /** Whether the client closed the connection. */
  readonly closed: boolean;
}

/** Writes down what the application is told. */
export class Recording {
  readonly events: string[] = [];

  /** The callbacks of a client to be written down. */
  get callbacks(): Pick<ClientOptions, "onConnect" | "onDisconnect" | "onMessage" | "onDelivered" | "onError"> {
    return {
      onConnect: (sessionPresent) => this.events.push(`connected, session present ${String(sessionPresent)}`),
      onDisconnect: (error) => this.events.push(`disconnected ${error?.code ?? "in order"}`),
      onMessage: this.handler("onMessage"),
      onDelivered: (identifier) => this.events.push(`delivered ${identifier}`),
      onError: (error) => this.events.push(`error ${error.code}`),
    };
  }

  /** A handler of messages under this name. */
  handler(name: string): (message: Message) => void {
    return (message) => {
      const flags = `QoS ${message.qos}${message.retain ? " retained" : ""}${message.duplicate ? " duplicate" : ""}`;
      const piece = `${message.offset}+${message.length}/${message.total}`;
      this.events.push(`${name} "${message.topic}" ${flags} ${piece} ${toHex(message.payload)}`);
    };
  }

  /** Forgets what was told so far. */
  forget(): void {
    this.events.length = 0;
  }
}

/**
 * Sorts packets by kind. `own` are the identifiers whose PUBREL belongs to a message of the client; of such PUBRELs each
 * counts once, because one answers as many PUBRECs as come before it is sent.
 */
export function byKind(bytes: Uint8Array, own: readonly number[]): Record<string, string[]> {
  const kinds: Record<string, string[]> = {};
  for (const packet of parsePackets(bytes)) {
    const name = kindOf(packet, own);
    const kind = (kinds[name] ??= []);
    if (name !== "PUBREL" || !kind.includes(toHex(packet.bytes))) kind.push(toHex(packet.bytes));
  }
  return kinds;
}

/** Stray PUBRELs are a kind of their own: they release nothing, so they may overtake those that do. */
function kindOf(packet: ClientPacket, own: readonly number[]): string {
  if (packet.type === "PUBREL" && !own.includes(packet.identifier)) return "stray PUBREL";
  return packet.type === "PUBLISH" ? `PUBLISH QoS ${Math.sign(packet.qos)}` : packet.type;
}
