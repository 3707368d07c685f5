import { CONNECTING } from "../../../../src/session/session.js";
import { LIMITS } from "./application3.js";
import { must } from "./violation.js";

/** What a client's own fields say; they are private, but not out of reach. */
interface Insides {
  readonly state: number;
  readonly pinging: number;
  readonly wants: number;
  readonly outputLength: number;
  readonly source: object | undefined;
  readonly receiving: boolean;
  readonly left: number;
  readonly owed: number;
  readonly outbox: { readonly count: number; readonly sent: number; readonly slots: readonly unknown[] };
  readonly inbox: { readonly count: number };
  readonly subscriptions: { readonly entries: readonly unknown[]; readonly requests: readonly { readonly sent: boolean }[] };
}

/** Throws when a client has taken more than the limits that it was given. */
export function expectWithinLimits(client: object): void {
  const { outbox, inbox, subscriptions, receiving } = client as Insides;
  must(outbox.count <= LIMITS.inflight && outbox.slots.length === LIMITS.inflight, () => `${outbox.count} messages under way`);
  must(outbox.sent <= outbox.count && outbox.sent >= 0, () => `${outbox.sent} of ${outbox.count} messages sent`);
  must(inbox.count <= LIMITS.receiveMaximum && inbox.count >= 0, () => `${inbox.count} identifiers received`);
  must(subscriptions.entries.length <= LIMITS.subscriptions, () => `${subscriptions.entries.length} subscriptions`);
  // One for each subscription that is restored, besides those that were asked for.
  must(subscriptions.requests.length <= 2 * LIMITS.subscriptions, () => `${subscriptions.requests.length} unanswered requests`);
  must(!receiving, () => "the client was left in the midst of receiving");
}

/** Whether a client has a reason not to take what has come in: it is not connected, or a payload is in the way of its answers. */
export function mayLeaveUnread(client: { readonly connected: boolean }): boolean {
  return !client.connected || (client as object as Insides).source !== undefined;
}

/** Whether a WebSocket has ended, but has not come to tell so: that takes a turn of the event loop. */
export function isEnding(socket: object | undefined): boolean {
  return (socket as { readonly failure: unknown } | undefined)?.failure !== undefined;
}

/** Whether the client has a CONNECT that the network does not take yet, so that it must keep what is in it. */
export function mustHoldConnect(client: object): boolean {
  const { state, outputLength } = client as Insides;
  return state === CONNECTING && outputLength > 0;
}

/** How far a session has come, as one number: what differs is worth being looked at for its own sake. */
export function stateOf(client: object): number {
  const it = client as Insides;
  const { outbox, inbox, subscriptions } = it;
  const flags = [it.source !== undefined, it.left >= 0, it.owed !== 0, it.outputLength > 0, it.wants > 0];
  const unsent = subscriptions.requests.filter(({ sent }) => !sent).length;
  const parts = [
    it.state,
    Math.sign(it.pinging) + 1,
    outbox.count,
    outbox.sent,
    inbox.count,
    Math.min(unsent, 2),
    subscriptions.entries.length,
  ];
  const all = [...parts, ...flags.map(Number)];
  return all.reduce((hash, part) => Math.imul(hash ^ part, 0x01000193) >>> 0, 0x811c9dc5);
}
