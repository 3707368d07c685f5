import { MqttError, packetSize } from "../index.js";
import { TICK } from "../client/client.js";
import { CONNECTED, CONNECTING, OPENING } from "../session/session.js";
import type { Request } from "../session/subscriptions.js";
import { MAXIMUM_HEADER } from "../wire/frame.js";
import { AUTH, DISCONNECT, SUBSCRIBE } from "../wire/packet-type.js";
import type { Codec } from "./codec.js";
import { Delivery } from "./delivery.js";
import {
  FAILED,
  MALFORMED_PACKET,
  PACKET_TOO_LARGE,
  PROTOCOL_ERROR,
  QUOTA_EXCEEDED,
  SHARED_SUBSCRIPTIONS_NOT_SUPPORTED,
  SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED,
  UNSPECIFIED_ERROR,
  violation,
  WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED,
} from "./errors.js";
import type { ClientOptions } from "./options.js";
import { append, type Properties } from "./properties.js";
import { FAREWELL, mayStandIn } from "./reason-codes.js";
import { writeReason } from "./reason-packet.js";
import type { SubscriptionEntry } from "./subscription-entry.js";

/** Bytes of a DISCONNECT with a reason code. */
const DISCONNECT_SIZE = 3;
const CONTINUE = 0x18;
const REAUTHENTICATE = 0x19;
const SESSION_EXPIRY_INTERVAL = 17;
const AUTHENTICATION_DATA = 22;
const RESPONSE_INFORMATION = 26;

/** What our DISCONNECT says of errors that have no reason code of their own, or none that a client may send. */
const REASONS: Readonly<Partial<Record<string, number>>> = Object.freeze({
  ERR_MALFORMED_PACKET: MALFORMED_PACKET,
  ERR_PROTOCOL: PROTOCOL_ERROR,
  ERR_RECEIVE_SIZE: QUOTA_EXCEEDED,
});

type Entries = readonly SubscriptionEntry[];

/** How connections begin and end, as far as 5.0 differs: CONNACK, DISCONNECT, AUTH, and how long a session lasts. */
export abstract class Connection extends Delivery {
  /** What the DISCONNECT says. */
  protected reasonCode = 0;
  protected farewell: Properties | undefined;
  /** Seconds that the session outlives the connection. */
  protected sessionExpiry: number;
  private endedAt: number | undefined;
  private isOver = false;
  /** The AUTH that goes out next. */
  #authentication: Uint8Array | undefined;
  /** Whether the packet that goes out is that one. */
  private clears = false;
  private authenticating = false;
  /** Counts the challenges and connections, so that an answer that comes too late is none. */
  private turn = 0;

  constructor(options: ClientOptions, codec: Codec) {
    super(options, codec);
    this.sessionExpiry = codec.sessionExpiryInterval;
  }

  // ---- beginning -------------------------------------------------------------------------------------------------

  protected override begin(): void {
    const { endedAt } = this;
    // Past 49 days the clock cannot tell: then it is the server that tells, by Session Present. What has run out stays so
    // until there is another session: a CONNECT that is not answered may have begun it.
    this.isOver ||= endedAt !== undefined && this.elapsed(endedAt) >= this.sessionExpiry * 1_000;
    this.clean = this.codec.cleanStart = this.given.clean !== false || this.isOver;
    this.reasonCode = 0;
    this.farewell = undefined;
    try {
      super.begin();
    } catch (cause) {
      this.state = OPENING; // nothing has gone out
      this.giveUp(cause);
    }
  }

  protected override writeConnect(output: Uint8Array): number {
    // The constructor, which only has the options checked, does not begin any authentication.
    const data = this.state === CONNECTING ? this.given.authenticator?.begin() : undefined;
    return this.codec.connect(output, undefined, data);
  }

  protected override takeFirst(type: number, start: number, end: number): void {
    if (type === AUTH) this.takeAuthentication(start, end);
    else super.takeFirst(type, start, end);
  }

  protected override takeConnack(sessionPresent: boolean): void {
    const { codec } = this;
    const { received, server } = codec;
    const options = this.given;
    const clientId = received.get("assignedClientIdentifier") ?? codec.clientId;
    this.clean ||= codec.clientId === ""; // who has no identifier has no session
    if (clientId === "") this.fail(violation("no client identifier assigned"));
    else if (!options.requestResponseInformation && received.number(RESPONSE_INFORMATION) !== undefined)
      this.fail(violation("response information that was not asked for"));
    else if (sessionPresent && this.clean) super.takeConnack(sessionPresent);
    else if (this.isMethodRight() && this.finishAuthentication()) {
      codec.clientId = clientId;
      this.tick = (server.keepalive ?? options.keepalive ?? 60) * TICK;
      this.sessionExpiry = server.sessionExpiryInterval ?? codec.sessionExpiryInterval;
      this.isOver = false;
      try {
        this.settleRefused(0);
      } finally {
        // Unless a callback closed, and even if one threw.
        if (this.state === CONNECTING) super.takeConnack(sessionPresent);
      }
    }
  }

  protected override accepted(sessionPresent: boolean): void {
    try {
      this.refuseRequests();
      this.flush(); // so that subscriptions are ahead of what `onConnect` publishes
    } finally {
      // Unless a callback closed, and even if one threw.
      if (this.state === CONNECTED) super.accepted(sessionPresent);
    }
  }

  // ---- subscriptions ---------------------------------------------------------------------------------------------

  /** Answers requests made before it was known that this server does not take them, as its refusal would. */
  private refuseRequests(): void {
    const refused = this.subscriptions.requests.filter(({ type, entries }) => this.refusalOf(type, entries as Entries) > 0);
    refused.forEach((request) => (request.sent = true)); // all, before any callback
    this.refuse(refused, 0);
  }

  private refuse(requests: readonly Request[], at: number): void {
    if (at === requests.length) return;
    const { identifier, type, entries } = requests[at];
    const codes = new Uint8Array(entries.length).fill(this.refusalOf(type, entries as Entries));
    try {
      this.subscriptions.answer(identifier, type + 1, codes, this.given);
    } finally {
      this.refuse(requests, at + 1);
    }
  }

  /** What the server has against a SUBSCRIBE or UNSUBSCRIBE, if anything: a reason code or 0. */
  protected refusalOf(type: number, entries: Entries): number {
    const { server } = this.codec;
    if (requestSize(entries) > server.maximumPacketSize) return PACKET_TOO_LARGE;
    if (type !== SUBSCRIBE) return 0;
    const { sharedSubscriptionAvailable, wildcardSubscriptionAvailable, subscriptionIdentifiersAvailable } = server;
    if (!sharedSubscriptionAvailable && entries.some((it) => it.isShared)) return SHARED_SUBSCRIPTIONS_NOT_SUPPORTED;
    if (!wildcardSubscriptionAvailable && entries.some((it) => it.hasWildcard)) return WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED;
    return !subscriptionIdentifiersAvailable && entries[0].identifier > 0 ? SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED : 0;
  }

  protected override takeAnswer(type: number, identifier: number, start: number, end: number): void {
    const { received } = this.codec;
    const error = received.take(start, end, type);
    if (error) this.fail(error);
    else super.takeAnswer(type, identifier, received.limit, end);
  }

  // ---- authentication --------------------------------------------------------------------------------------------

  protected override takeOther(type: number, identifier: number, start: number, end: number): void {
    if (type === AUTH) this.takeAuthentication(start - 2, end);
    else if (type === DISCONNECT) this.takeDisconnect(start - 2, end);
    else super.takeOther(type, identifier, start, end);
  }

  private takeAuthentication(start: number, end: number): void {
    const { authenticator } = this.given;
    const isConnecting = this.state === CONNECTING;
    const reasonCode = start < end ? this.input[start] : 0;
    const error = this.codec.checkReason(AUTH, reasonCode, start + 1, end);
    if (error) this.fail(error);
    else if (!authenticator || !(isConnecting || this.authenticating)) this.fail(violation("AUTH that was not asked for"));
    else if (!this.isMethodRight()) return;
    else if (reasonCode === CONTINUE) this.attempt(() => authenticator.challenge(this.authenticationData(), this.answerOnce()));
    else if (isConnecting) this.fail(violation("AUTH that ends the authentication before CONNACK"));
    else if (this.finishAuthentication()) {
      this.authenticating = false;
      this.given.onAuthenticated?.();
    }
  }

  /** Whether the packet names the method of CONNECT; if not, the connection has been closed. */
  private isMethodRight(): boolean {
    const { received } = this.codec;
    const method = received.get("authenticationMethod");
    const isRight =
      method === this.given.authenticator?.method && (method !== undefined || received.number(AUTHENTICATION_DATA) === undefined);
    if (!isRight) this.fail(violation("another authentication method"));
    return isRight;
  }

  private authenticationData(): Uint8Array {
    return this.codec.received.get("authenticationData") ?? new Uint8Array(0);
  }

  private finishAuthentication(): boolean {
    const { authenticator } = this.given;
    this.turn++; // answers to earlier challenges come too late
    return !authenticator || this.attempt(() => authenticator.finish(this.authenticationData()));
  }

  /** Calls the authenticator, which may give up. Returns false when it has, and the connection has been closed. */
  private attempt(act: () => void): boolean {
    try {
      act();
      return true;
    } catch (cause) {
      this.giveUp(cause);
      return false;
    }
  }

  /** Ends the connection because of what was thrown; errors that are not ours go on to the host, which reports them. */
  private giveUp(cause: unknown): void {
    const isOurs = cause instanceof MqttError;
    this.fail(isOurs ? cause : new MqttError("ERR_AUTHENTICATION", "the authenticator threw an error", "server"));
    if (!isOurs) throw cause;
  }

  private answerOnce(): (data?: Uint8Array) => void {
    const turn = ++this.turn;
    return (data) => {
      if (turn !== this.turn || this.state > CONNECTED) return;
      this.turn++;
      this.sendAuthentication(CONTINUE, data);
    };
  }

  private sendAuthentication(reasonCode: number, data: Uint8Array | undefined): void {
    const list: number[] = [];
    append(list, "authenticationMethod", this.given.authenticator?.method);
    if (data) append(list, "authenticationData", data);
    const packet = new Uint8Array(list.length + 2 * MAXIMUM_HEADER);
    const length = writeReason(packet, AUTH, reasonCode, Uint8Array.from(list));
    const limit = this.connected ? Math.min(this.output.length, this.codec.server.maximumPacketSize) : this.output.length;
    if (length > limit) throw packetSize(length, limit);
    this.#authentication = packet.slice(0, length);
    this.sendMore();
  }

  /**
   * Proves once more to the server who this client is, and has it prove itself, with the `authenticator` of the options
   * (4.12.1). Messages go on meanwhile; `onAuthenticated` follows, or the connection ends. Allocates.
   * @throws MqttError `ERR_STATE` when not connected, without an `authenticator`, or while another one is under way.
   */
  reauthenticate(): void {
    const { authenticator } = this.given;
    if (!authenticator || !this.connected || this.authenticating)
      throw new MqttError("ERR_STATE", "reauthenticate: needs an authenticator and a connection, once at a time", "caller");
    this.sendAuthentication(REAUTHENTICATE, authenticator.begin());
    this.authenticating = true;
  }

  protected override refill(): boolean {
    const packet = this.#authentication;
    if (this.clears) this.output.fill(0); // of credentials that have gone out
    this.clears = false;
    if (!packet || this.source) return super.refill();
    this.clears = true;
    this.#authentication = undefined;
    this.output.set(packet);
    this.outputLength = packet.length;
    return true;
  }

  // ---- end -------------------------------------------------------------------------------------------------------

  private takeDisconnect(start: number, end: number): void {
    const { codec } = this;
    const reasonCode = start < end ? this.input[start] : 0;
    const error = codec.checkReason(DISCONNECT, reasonCode, start + 1, end);
    if (error) this.fail(error);
    else if (codec.received.number(SESSION_EXPIRY_INTERVAL) !== undefined) this.fail(violation("a server that ends the session"));
    else {
      const why = `the server disconnected: ${codec.reason(reasonCode)}`;
      this.lost(new MqttError("ERR_DISCONNECTED", why, "server", reasonCode));
    }
  }

  protected override writeShort(type: number, at: number): number {
    if (type === DISCONNECT) return writeReason(this.output, DISCONNECT, this.reasonCode, this.farewell?.bytes);
    return super.writeShort(type, at);
  }

  /** Tells the server what it did wrong, where a packet can go out at all. */
  protected override fail(error: MqttError): void {
    this.more = false; // nothing but what was written before
    const canSend = this.state >= CONNECTING && this.codec.server.maximumPacketSize >= DISCONNECT_SIZE;
    if (canSend && error.code !== "ERR_CONNECTION_REFUSED" && !this.source && this.flush()) {
      const isOwn = error.reasonCode >= FAILED && mayStandIn(FAREWELL, error.reasonCode);
      const reasonCode = isOwn ? error.reasonCode : (REASONS[error.code] ?? UNSPECIFIED_ERROR);
      this.outputLength = writeReason(this.output, DISCONNECT, reasonCode, undefined);
      this.flush();
    }
    this.lost(error);
  }

  protected override lost(error: MqttError): void {
    if (error.code !== "ERR_DISCONNECTED" && error.code !== "ERR_CONNECTION_REFUSED") this.codec.received.clear();
    super.lost(error);
  }

  protected override end(state: number): void {
    if (this.state >= CONNECTED) this.endedAt = this.given.clock.now();
    this.#authentication = undefined;
    this.authenticating = false;
    this.turn++;
    super.end(state);
  }
}

/** Bytes of a SUBSCRIBE or UNSUBSCRIBE, at most. */
export function requestSize(entries: Entries): number {
  const list = entries[0].properties?.bytes.length ?? 0;
  return entries.reduce((size, { filter }) => size + filter.bytes.length + 1, MAXIMUM_HEADER + 2 + MAXIMUM_HEADER + list);
}
