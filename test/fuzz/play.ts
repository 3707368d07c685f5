import { connectingClient, OWN, preparedClient, type Played } from "./prepared-client.js";
import { byKind, type Observed } from "./recording.js";

/** Where a stream is cut: after each of these indexes, or after each byte. */
export type Splits = readonly number[] | "byte by byte";

/** Plays a stream to a client that is connected and waits for answers of all kinds. */
export function play(stream: Uint8Array, splits: Splits): Observed {
  return observe(preparedClient(), stream, splits);
}

/** Plays a stream to a client that waits for CONNACK. */
export function playFromConnack(stream: Uint8Array, splits: Splits): Observed {
  return observe(connectingClient(), stream, splits);
}

function observe({ client, transport, recording }: Played, stream: Uint8Array, splits: Splits): Observed {
  const inflight = client.inflight;
  if (splits === "byte by byte") transport.deliverByteByByte(stream);
  else transport.deliver(stream, splits);
  const violation = transport.violations.at(0);
  if (violation) throw violation;
  if (client.inflight > inflight) throw new Error("the client has more messages under way than it was given");
  if (transport.isOpen && transport.unread > 0) throw new Error(`the client left ${transport.unread} bytes unread`);
  return {
    events: [...recording.events],
    sent: byKind(transport.sent, [OWN.awaitingPubrec, OWN.awaitingPubcomp]),
    closed: !transport.isOpen,
  };
}
