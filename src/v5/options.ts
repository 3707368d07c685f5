import type { Will as PlainWill } from "../codec/codec.js";
import type { ClientOptions as PlainClientOptions, Subscription as PlainSubscription } from "../client/options.js";
import type { MqttError } from "../errors.js";
import type { Authenticator } from "./authenticator.js";
import type { Message } from "./message.js";
import type { Properties, UserProperties } from "./properties.js";
import type { ReceivedProperties } from "./received-properties.js";

/** The will (3.1.2.5), with its delay and its message's properties. */
export interface Will extends PlainWill {
  /** `willDelayInterval`, and what a PUBLISH may have. */
  properties?: Properties;
}

/** One filter to subscribe to, `$share/<name>/<filter>` for a shared subscription (4.8.2). */
export interface Subscription extends Omit<PlainSubscription, "handler"> {
  /**
   * Called with each message, or piece of one, that came for this subscription: its identifier says so or, where there is
   * none, its filter. Default: `onMessage` gets it.
   */
  handler?: (message: Message) => void;
  /** Not what this client itself publishes. Default false. Not with shared subscriptions. */
  noLocal?: boolean;
  /** `retain` of messages as their publisher said, rather than whether they are from before. Default false. */
  retainAsPublished?: boolean;
  /** Retained messages: 0 at every subscribing (default), 1 only for a new subscription, 2 never (3.8.3.1). */
  retainHandling?: 0 | 1 | 2;
}

/** What `Client` is made of: as in 3.1.1, and what 5.0 has besides. */
export interface ClientOptions
  extends Omit<PlainClientOptions, "protocolVersion" | "will" | "onConnect" | "onDisconnect" | "onDelivered" | "onMessage"> {
  protocolVersion?: 5;
  will?: Will;
  /**
   * Seconds that the server is to keep the session after the connection has ended, 0 to 4,294,967,295, which means for
   * ever. Default: 0 with `clean`, for ever without it, as in 3.1.1.
   */
  sessionExpiryInterval?: number;
  /**
   * Bytes of the largest packet that the server may send; it keeps back larger messages. 32 to 268,435,460. Default: none
   * is announced, since messages over `packetSize` come in pieces.
   */
  maximumPacketSize?: number;
  /** Aliases that the server may use for its topics, 0 to 65,535. Costs `topicAliasSize` bytes each. Default 0. */
  topicAliasMaximum?: number;
  /** Bytes of the longest topic with such an alias, 1 to 65,535. Default `packetSize`. */
  topicAliasSize?: number;
  /** Aliases that this client uses for its topics, if the server takes as many, 0 to 65,535. Costs a slot each. Default 8. */
  topicAliases?: number;
  /** Whether the server is to tell where responses can be sent to, as `responseInformation`. Default false. */
  requestResponseInformation?: boolean;
  /** Whether the server may explain failures by Reason Strings and User Properties. Default true. */
  requestProblemInformation?: boolean;
  /** User Properties of CONNECT. */
  userProperties?: UserProperties;
  /** Enhanced authentication (4.12). */
  authenticator?: Authenticator;

  /** The server accepted the connection; `properties` are those of its CONNACK. */
  onConnect?: (sessionPresent: boolean, properties: ReceivedProperties) => void;
  /**
   * The connection, or the attempt to make one, ended. `properties` are those of the server's DISCONNECT (then the error
   * is `ERR_DISCONNECTED`) or of its refusal; `get("serverReference")` is where to go instead, for 0x9c and 0x9d.
   */
  onDisconnect?: (error: MqttError | undefined, properties: ReceivedProperties) => void;
  /**
   * The exchange for a QoS 1 or 2 message is over. From 0x80 on, the server has refused it with this reason code or, where
   * it had said what it does not take, would have; the message is not sent again. 0x10: nobody subscribes to its topic.
   */
  onDelivered?: (identifier: number, reasonCode: number, properties: ReceivedProperties) => void;
  /** A re-authentication succeeded. */
  onAuthenticated?: () => void;
  /** A message came in for which no subscription has a handler. */
  onMessage?: (message: Message) => void;
}
