import { expect } from "vitest";
import { firstPacket, hex, parsePackets, type ClientPacket } from "../../support/v5/packets.js";
import { observe, type Splits } from "../play.js";
import type { Observed } from "../recording.js";
import { connectingClient, preparedClient } from "./prepared-client.js";

/** Plays a stream to a client that is connected and waits for answers of all kinds. */
export function play(stream: Uint8Array, splits: Splits): Observed {
  return observe(preparedClient(), stream, splits, packetsOf);
}

/** Plays a stream to a client that waits for CONNACK. */
export function playFromConnack(stream: Uint8Array, splits: Splits): Observed {
  const played = connectingClient();
  played.transport.takeSent();
  return observe(played, stream, splits, packetsOf);
}

/** The same, but that what is still sent to a server that has said good-bye does not count. */
export function comparable(how: (stream: Uint8Array, splits: Splits) => Observed): (stream: Uint8Array, splits: Splits) => Observed {
  return (stream, splits) => {
    const observed = how(stream, splits);
    return endedByServer(observed) ? { ...observed, sent: {} } : observed;
  };
}

/** Whether it was by a DISCONNECT, or by a CONNACK that refuses. */
export function endedByServer({ events }: Pick<Observed, "events">): boolean {
  return /^\["disconnected","ERR_(DISCONNECTED|CONNECTION_REFUSED)"/.test(events.at(-1) ?? "");
}

/** Messages put together from their pieces, as `Expected` has them, and all else that was told, but how the connection ended. */
export function eventsOf(observed: Pick<Observed, "events">): unknown[][] {
  const found: unknown[][] = [];
  const pieces = new Map<unknown, string[]>();
  for (const event of observed.events) {
    const told = JSON.parse(event) as unknown[];
    if (told[0] === "message") takePiece(told, pieces, found);
    else if (told[0] !== "disconnected") found.push(told);
  }
  return found;
}

interface Piece {
  readonly offset: number;
  readonly length: number;
  readonly total: number;
}

function takePiece([, name, head, piece, hexadecimal]: unknown[], pieces: Map<unknown, string[]>, found: unknown[][]): void {
  const { offset, length, total } = piece as Piece;
  const bytes = offset === 0 ? [] : (pieces.get(name) ?? []);
  expect(offset).toBe(bytes.length);
  if (hexadecimal !== "") bytes.push(...String(hexadecimal).split(" "));
  expect(bytes.length).toBe(offset + length);
  pieces.set(name, bytes);
  if (bytes.length === total) found.push(["message", name, head, bytes.join(" ")]);
}

/** What the client has sent; a DISCONNECT must be the last of it. */
export function packetsOf(bytes: Uint8Array): ClientPacket[] {
  const packets = parsePackets(bytes);
  expect(packets.slice(0, -1).map(({ type }) => type)).not.toContain("DISCONNECT");
  return packets;
}

/** The reason code of the DISCONNECT that the client sent, if it did. */
export function farewellOf({ sent }: Observed): number | undefined {
  const [hexadecimal = ""] = sent["DISCONNECT"] ?? [];
  const packet = firstPacket(hex(hexadecimal));
  return packet?.type === "DISCONNECT" ? packet.reasonCode : undefined;
}

