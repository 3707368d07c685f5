import { WOULD_BLOCK, type Client } from "mqtt-xs";
import { parsePackets, type QoS } from "../support/packets.js";
import { encode, type ServerPacket } from "./generators.js";
import { numberedPayload } from "./numbered-payload.js";
import { OWN, preparedClient } from "./prepared-client.js";
import { byKind, type Observed } from "./recording.js";

/** A packet from the server, or a message that the application wants to publish. */
export type Turn =
  | { readonly does: "deliver"; readonly packet: ServerPacket }
  | { readonly does: "publish"; readonly qos: QoS; readonly size: number };

/** What comes of the turns, and how often the application was refused room. */
export interface Narrow {
  readonly observed: Observed;
  readonly refusals: number;
}

/**
 * Plays `turns` over a network that takes, before each turn, as many more bytes as `rooms` says, and in the end
 * everything. Without `rooms` it takes everything from the start.
 */
export function playNarrow(turns: readonly Turn[], rooms: readonly number[] | undefined): Narrow {
  const waiting: (Turn & { does: "publish" })[] = [];
  let number = 0;
  let refusals = 0;
  /** Publishes what waits, in order, until there is no room. */
  const publishWaiting = (client: Client): void => {
    for (let next = waiting.at(0); next; next = waiting.at(0)) {
      if (client.publish("out", numberedPayload(number + 1, next.size), next.qos) === WOULD_BLOCK) {
        refusals++;
        return;
      }
      number++;
      waiting.shift();
    }
  };
  const { client, transport, recording } = preparedClient({ onWritable: () => publishWaiting(client) });
  if (rooms) transport.room = 0;
  for (const [at, turn] of turns.entries()) {
    transport.makeRoom(rooms?.[at] ?? 0);
    if (!transport.isOpen) break;
    if (turn.does === "deliver") transport.deliver(encode(turn.packet));
    else waiting.push(turn);
    if (waiting.length > 0) publishWaiting(client);
  }
  transport.makeRoom(Infinity);
  const violation = transport.violations.at(0);
  if (violation) throw violation;
  if (transport.isOpen && transport.unread > 0) throw new Error(`the client left ${transport.unread} bytes unread`);
  const sent = byKind(parsePackets(transport.sent), [OWN.awaitingPubrec, OWN.awaitingPubcomp]);
  return { observed: { events: recording.events, sent, closed: !transport.isOpen }, refusals };
}
