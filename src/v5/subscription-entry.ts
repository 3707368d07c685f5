import { checkQoS, MqttError, TopicFilter, wrong } from "../index.js";
import type { SubscriptionEntry as PlainEntry } from "../session/subscriptions.js";
import { HASH, PLUS } from "../wire/topic.js";
import { LENGTH_SIZE } from "../wire/utf8.js";
import type { Message } from "./message.js";
import type { Subscription } from "./options.js";
import type { Properties } from "./properties.js";

const NO_LOCAL = 0x04;
const RETAIN_AS_PUBLISHED = 0x08;
const RETAIN_HANDLING_SHIFT = 4;
const SHARED = "$share/";

/** A filter that is, or is to be, subscribed to, with all that 5.0 has for it. */
export interface SubscriptionEntry extends Omit<PlainEntry, "handler"> {
  readonly handler: ((message: Message) => void) | undefined;
  /** As they stand in a SUBSCRIBE (3.8.3.1). */
  readonly options: number;
  /** What topics are matched against: of a shared subscription, what follows the name. */
  readonly topics: TopicFilter;
  readonly isShared: boolean;
  readonly hasWildcard: boolean;
  /** Of the SUBSCRIBE, or UNSUBSCRIBE, that it came in. */
  readonly properties: Properties | undefined;
  /** 0: none. */
  readonly identifier: number;
}

/** @throws MqttError `ERR_TOPIC_FILTER`, `ERR_ARGUMENT`. */
export function makeEntry(subscription: Subscription, properties: Properties | undefined): SubscriptionEntry {
  const { qos = 0, handler, noLocal = false, retainAsPublished = false, retainHandling = 0 } = subscription;
  const filter = subscription.filter instanceof TopicFilter ? subscription.filter : new TopicFilter(subscription.filter);
  const name = String(filter);
  const isShared = name.startsWith(SHARED);
  if (typeof noLocal !== "boolean" || (isShared && noLocal))
    throw wrong("noLocal", "true or false, and false for a shared subscription");
  if (typeof retainAsPublished !== "boolean") throw wrong("retainAsPublished", "true or false");
  const flags = (noLocal ? NO_LOCAL : 0) | (retainAsPublished ? RETAIN_AS_PUBLISHED : 0);
  return {
    filter,
    qos,
    handler,
    options: checkQoS(qos, "qos") | flags | (checkQoS(retainHandling, "retainHandling") << RETAIN_HANDLING_SHIFT),
    topics: isShared ? sharedTopics(name) : filter,
    isShared,
    hasWildcard: filter.bytes.includes(PLUS, LENGTH_SIZE) || filter.bytes.includes(HASH, LENGTH_SIZE),
    properties,
    identifier: properties?.subscriptionIdentifier ?? 0,
  };
}

/** What follows `$share/<name>/`. @throws MqttError `ERR_TOPIC_FILTER` when there is no such name or nothing behind it. */
function sharedTopics(filter: string): TopicFilter {
  const match = /^\$share\/[^+#/]+\/(.+)$/s.exec(filter);
  if (match) return new TopicFilter(match[1]);
  throw new MqttError("ERR_TOPIC_FILTER", `"${filter}": expected "$share/", a name without "+" or "#", "/" and a filter`, "caller");
}
