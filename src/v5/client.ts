import { packetSize, wrong } from "../index.js";
import type { TopicFilter } from "../index.js";
import type { SubscriptionEntry as PlainEntry } from "../session/subscriptions.js";
import { DISCONNECT, SUBSCRIBE, UNSUBSCRIBE } from "../wire/packet-type.js";
import { Codec } from "./codec.js";
import { Connection, requestSize } from "./connection.js";
import { notSupported, PACKET_TOO_LARGE } from "./errors.js";
import type { ClientOptions, Subscription } from "./options.js";
import { Properties } from "./properties.js";
import { FAREWELL, mayStandIn } from "./reason-codes.js";
import type { ReceivedProperties } from "./received-properties.js";
import type { ServerLimits } from "./server-limits.js";
import { makeEntry, type SubscriptionEntry } from "./subscription-entry.js";

/** Gets one code for each filter, in their order, and the properties of the answer. */
type Done = (codes: Uint8Array, properties: ReceivedProperties) => void;

/**
 * An MQTT 5.0 client that keeps itself connected: all that the client of 3.1.1 does in the same way, and what 5.0 has
 * besides. Publishing, receiving, acknowledging and keeping alive allocate nothing here either, given prepared topics and
 * properties and payloads that are bytes.
 */
export class Client extends Connection {
  /** @throws MqttError `ERR_ARGUMENT` that names the option that is wrong, `ERR_TOPIC`, or `ERR_PACKET_SIZE`. */
  constructor(options: ClientOptions) {
    const { protocolVersion = 5 } = options as { protocolVersion?: number };
    if (protocolVersion !== 5) throw wrong("protocolVersion", "5, or the Client of mqtt-xs");
    super(options, new Codec(options));
  }

  /** The client identifier: that of the options or, where that is empty, the one that the server has assigned. */
  get clientId(): string {
    return this.codec.clientId;
  }

  /** What the server announced in its last CONNACK. */
  get server(): ServerLimits {
    return this.codec.server;
  }

  /**
   * Subscribes, as in 3.1.1, with the options that 5.0 has for each filter.
   * @param done gets one reason code for each filter: the granted QoS or, from 0x80 on, why not.
   * @param properties `subscriptionIdentifier`, which messages are then routed by, and `userProperties`.
   * @throws MqttError besides what 3.1.1 throws, `ERR_NOT_SUPPORTED` when the server has said that it cannot do this.
   */
  override subscribe(subscriptions: Subscription | readonly Subscription[], done?: Done, properties?: Properties): number {
    return this.ask(SUBSCRIBE, list(subscriptions, properties), done, properties);
  }

  /**
   * Ends subscriptions, as in 3.1.1.
   * @param done gets one reason code for each filter: 0, 0x11 where there was no subscription or, from 0x80 on, why not.
   * @param properties `userProperties`.
   */
  override unsubscribe(
    filters: TopicFilter | string | readonly (TopicFilter | string)[],
    done?: Done,
    properties?: Properties,
  ): number {
    const subscriptions = [filters].flat().map((filter): Subscription => ({ filter: filter }));
    return this.ask(UNSUBSCRIBE, list(subscriptions, properties), done, properties);
  }

  private ask(
    type: number,
    entries: readonly SubscriptionEntry[],
    done: Done | undefined,
    properties: Properties | undefined,
  ): number {
    checkPlace(properties, type);
    const size = requestSize(entries);
    if (size > this.output.length) throw packetSize(size, this.output.length);
    const refusal = this.connected ? this.refusalOf(type, entries) : 0;
    if (refusal === PACKET_TOO_LARGE) throw packetSize(size, this.server.maximumPacketSize);
    if (refusal > 0) throw notSupported("such a subscription", refusal);
    const answered = done && ((codes: Uint8Array): void => done(codes, this.codec.received));
    return this.request(type, entries as readonly object[] as readonly PlainEntry[], answered);
  }

  /**
   * Closes, as in 3.1.1.
   * @param reasonCode 0, or 0x04 to have the will published, or what went wrong (3.14.2.1).
   * @param properties `sessionExpiryInterval`, `reasonString`, `userProperties`; all but the first are left out where the
   *   packet would be larger than the server takes.
   * @throws MqttError `ERR_ARGUMENT`, `ERR_PACKET_SIZE`.
   */
  override close(reasonCode = 0, properties?: Properties): void {
    if (!mayStandIn(FAREWELL, reasonCode)) throw wrong("reasonCode", "one that a client may send");
    checkPlace(properties, DISCONNECT);
    const expiry = properties?.sessionExpiryInterval;
    if (expiry && this.codec.sessionExpiryInterval === 0) throw wrong("sessionExpiryInterval", "0, as it was in CONNECT");
    if (this.connected) {
      this.reasonCode = reasonCode;
      this.farewell = this.fitting(properties);
      this.sessionExpiry = expiry ?? this.sessionExpiry;
    }
    this.codec.received.clear();
    super.close();
  }

  private fitting(properties: Properties | undefined): Properties | undefined {
    const size = (properties?.bytes.length ?? 0) + 10;
    if (size > this.output.length) throw packetSize(size, this.output.length);
    const expiry = properties?.sessionExpiryInterval;
    if (size <= this.server.maximumPacketSize) return properties;
    return expiry === undefined ? undefined : new Properties({ sessionExpiryInterval: expiry });
  }
}

function list(
  subscriptions: Subscription | readonly Subscription[],
  properties: Properties | undefined,
): readonly SubscriptionEntry[] {
  const entries = [subscriptions].flat<(Subscription | readonly Subscription[])[]>().map((it) => makeEntry(it, properties));
  if (entries.length === 0) throw wrong("filter", "at least one");
  return entries;
}

/** @throws MqttError `ERR_ARGUMENT` when these properties do not belong in such a packet. */
function checkPlace(properties: Properties | undefined, type: number): void {
  if (properties && !((properties.packets >> type) & 1)) throw wrong("properties", `Properties that packets of type ${type} may have`);
}
