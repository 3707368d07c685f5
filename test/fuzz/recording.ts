import type { ClientOptions, Message } from "mqtt-xs";
import { toHex } from "../support/packets.js";

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

/** What a packet of any version of the protocol is sorted by. */
export interface SentPacket {
  readonly type: string;
  readonly bytes: Uint8Array;
  readonly identifier?: number;
  readonly qos?: number;
}

/**
 * Sorts packets by kind. `own` are the identifiers whose PUBREL belongs to a message of the client; of such PUBRELs each
 * counts once, because one answers as many PUBRECs as come before it is sent.
 */
export function byKind(packets: readonly SentPacket[], own: readonly number[]): Record<string, string[]> {
  const kinds: Record<string, string[]> = {};
  for (const packet of packets) {
    const name = kindOf(packet, own);
    const kind = (kinds[name] ??= []);
    if (name !== "PUBREL" || !kind.includes(toHex(packet.bytes))) kind.push(toHex(packet.bytes));
  }
  return kinds;
}

/** Stray PUBRELs are a kind of their own: they release nothing, so they may overtake those that do. */
function kindOf({ type, identifier = 0, qos = 0 }: SentPacket, own: readonly number[]): string {
  if (type === "PUBREL" && !own.includes(identifier)) return "stray PUBREL";
  return type === "PUBLISH" ? `PUBLISH QoS ${Math.sign(qos)}` : type;
}
