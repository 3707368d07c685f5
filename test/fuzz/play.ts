import { expect } from "vitest";
import { parsePackets } from "../support/packets.js";
import type { FuzzTransport } from "./fuzz-transport.js";
import { cutsOf } from "./generators.js";
import { connectingClient, OWN, preparedClient } from "./prepared-client.js";
import { byKind, type Observed, type SentPacket } from "./recording.js";

/** Where a stream is cut: after each of these indexes, or after each byte. */
export type Splits = readonly number[] | "byte by byte";

/** A client of any version on a transport, and what the application was told. */
interface Playing {
  readonly client: { readonly inflight: number };
  readonly transport: FuzzTransport;
  readonly recording: { readonly events: readonly string[] };
}

/** Plays a stream to a client that is connected and waits for answers of all kinds. */
export function play(stream: Uint8Array, splits: Splits): Observed {
  return observe(preparedClient(), stream, splits, parsePackets);
}

/** Plays a stream to a client that waits for CONNACK. */
export function playFromConnack(stream: Uint8Array, splits: Splits): Observed {
  return observe(connectingClient(), stream, splits, parsePackets);
}

/** Plays a stream to this client, and looks at what comes of it. `parse` takes what it sent apart. */
export function observe(
  { client, transport, recording }: Playing,
  stream: Uint8Array,
  splits: Splits,
  parse: (bytes: Uint8Array) => readonly SentPacket[],
): Observed {
  const inflight = client.inflight;
  if (splits === "byte by byte") transport.deliverByteByByte(stream);
  else transport.deliver(stream, splits);
  const violation = transport.violations.at(0);
  if (violation) throw violation;
  if (client.inflight > inflight) throw new Error("the client has more messages under way than it was given");
  if (transport.isOpen && transport.unread > 0) throw new Error(`the client left ${transport.unread} bytes unread`);
  return {
    events: [...recording.events],
    sent: byKind(parse(transport.sent), [OWN.awaitingPubrec, OWN.awaitingPubcomp]),
    closed: !transport.isOpen,
  };
}

/** Plays the stream whole, byte by byte and cut at random, and expects to see the same each time. */
export function expectSameForEverySplit(
  stream: Uint8Array,
  shares: readonly number[],
  how: (stream: Uint8Array, splits: Splits) => Observed,
): Observed {
  const whole = how(stream, []);
  expect(how(stream, "byte by byte")).toEqual(whole);
  expect(how(stream, cutsOf(stream.length, shares))).toEqual(whole);
  return whole;
}
