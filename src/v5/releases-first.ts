import { AWAITING_PUBCOMP } from "../session/delivery.js";
import type { Outbox } from "../session/outbox.js";

/**
 * Moves the first PUBREL that has not been sent to the head of what has not: it needs no quota, and the message that it is
 * for has one already (4.9), so that no other PUBLISH may go before it. The PUBRELs' own order stays. Allocates nothing.
 */
export function putReleasesFirst(outbox: Outbox): void {
  const slots = outbox.slots;
  const first = outbox.sent;
  let at = first;
  while (at < outbox.count && slots[at].state !== AWAITING_PUBCOMP) at++;
  if (at === outbox.count) return;
  const release = slots[at];
  slots.copyWithin(first + 1, first, at);
  slots[first] = release;
}
