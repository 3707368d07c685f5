import type { ReceivedMessage } from "../session/message.js";
import type { SubscriptionEntry } from "../session/subscriptions.js";

/**
 * Calls the handler of every subscription that the message's topic matches, in the order they were made.
 * @returns whether there was one. Allocates nothing.
 */
export function route(entries: readonly SubscriptionEntry[], message: ReceivedMessage): boolean {
  let handled = false;
  for (let at = 0; at < entries.length; at++) {
    const { handler, filter } = entries[at];
    if (!handler || !filter.matches(message.bytes, message.topicStart, message.topicEnd)) continue;
    handled = true;
    handler(message);
  }
  return handled;
}
