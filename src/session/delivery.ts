import { PUBACK, PUBCOMP, PUBREC } from "../wire/packet-type.js";

// The states of a QoS 1 or 2 message on its way to the server, and the only moves there are (MQTT 3.1.1, 4.3):
//
//   QoS 1   PUBLISH →  AWAITING_PUBACK  → PUBACK →  DONE
//   QoS 2   PUBLISH →  AWAITING_PUBREC  → PUBREC →  AWAITING_PUBCOMP (PUBREL goes out) → PUBCOMP →  DONE
//
// After a reconnect to the same session a message stays in its state: PUBLISH goes out again with DUP set where
// PUBACK or PUBREC is awaited, PUBREL where PUBCOMP is (4.4). In a new session, what awaits PUBCOMP is done, since the
// server took it over with its PUBREC; everything else goes out anew.

export const DONE = 0;
export const AWAITING_PUBACK = 1;
export const AWAITING_PUBREC = 2;
export const AWAITING_PUBCOMP = 3;

/** By state: where each acknowledgement leads. One that is missing is one that nobody waits for. */
const TRANSITIONS: readonly (readonly [acknowledgement: number, state: number][])[] = [
  [],
  [[PUBACK, DONE]],
  [[PUBREC, AWAITING_PUBCOMP]],
  [[PUBCOMP, DONE], [PUBREC, AWAITING_PUBCOMP]], // a repeated PUBREC is answered by a repeated PUBREL
];

/** The state that `acknowledgement`, a packet type, leads to, or -1 when it is not awaited. Allocates nothing. */
export function afterAcknowledgement(state: number, acknowledgement: number): number {
  const moves = TRANSITIONS[state];
  for (let index = 0; index < moves.length; index++) if (moves[index][0] === acknowledgement) return moves[index][1];
  return -1;
}
