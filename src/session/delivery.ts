import { PUBACK, PUBCOMP, PUBREC } from "../wire/packet-type.js";

// The states of a QoS 1 or 2 message on its way to the server, and the only moves there are (MQTT 3.1.1, 4.3):
//
//   QoS 1   PUBLISH →  AWAITING_PUBACK  → PUBACK →  DONE
//   QoS 2   PUBLISH →  AWAITING_PUBREC  → PUBREC →  AWAITING_PUBCOMP (PUBREL goes out) → PUBCOMP →  DONE
//
// After a reconnect to the same session a message stays in its state: PUBLISH goes out again with DUP set where
// PUBACK or PUBREC is awaited, PUBREL where PUBCOMP is (4.4). In a new session, what awaits PUBCOMP is done, since the
// server took it over with its PUBREC; everything else goes out anew.

/** A state is named by the packet type that is awaited. */
export const DONE = 0;
export const AWAITING_PUBACK = PUBACK;
export const AWAITING_PUBREC = PUBREC;
export const AWAITING_PUBCOMP = PUBCOMP;

/** What an acknowledgement that nobody waits for leads to. */
export const NOT_AWAITED = -1;

/** The state that `acknowledgement`, a packet type, leads to from `state`. Allocates nothing. */
export function afterAcknowledgement(state: number, acknowledgement: number): number {
  if (acknowledgement === PUBREC) return state === AWAITING_PUBACK ? NOT_AWAITED : AWAITING_PUBCOMP; // repeated, too
  return acknowledgement === state ? DONE : NOT_AWAITED;
}
