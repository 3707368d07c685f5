import { MqttError, wrong } from "../index.js";
import { resizableBytes } from "../session/resizable-bytes.js";
import type { SessionKeeper, SessionLimits, SessionState } from "../session/session-state.js";
import { kindOf, RECEIVED, STATE } from "./keys.js";
import type { SessionStore } from "./session-store.js";
import { StoredInbox } from "./stored-inbox.js";
import { StoredOutbox } from "./stored-outbox.js";

/** Packet identifiers whose use is stored at once, ahead of it. */
const AHEAD = 256;
const MAXIMUM_IDENTIFIER = 0xffff;
const STATE_SIZE = 3;

/**
 * A session that outlives a reboot, deep sleep, or a loss of power: QoS 1 and 2 messages that are not delivered yet, which
 * of them await PUBCOMP, received QoS 2 identifiers, and how far packet identifiers have been used. The option `session` of
 * `Client`, with `clean: false` and a `clientId`:
 *
 *     const store = new Journal(new FlashPartition({ path: "mqtt" }));
 *     const client = new Client({ session: new StoredSession(store), clean: false, clientId: "sensor-1", … });
 *
 * Everything is stored before the packet leaves that depends on it, and erased with the acknowledgement. Then, with QoS 1
 * and 2, messages must fit `packetSize` whole; `publish` throws `ERR_PACKET_SIZE` for others and `ERR_STORE` when the store
 * fails, and blocks (`WOULD_BLOCK`) when it is full. Subscriptions are not stored, since their handlers cannot be: subscribe
 * before `connect`, as after every start.
 */
export class StoredSession implements SessionKeeper {
  /** Of a queue, which message it moves to the session: see `keys.ts`. */
  origin = 0;
  /** For records: three bytes. */
  readonly bytes = resizableBytes(STATE_SIZE);
  private outbox: StoredOutbox | undefined;
  /** The last packet identifier whose use is stored. */
  private keptIdentifier = 0;

  /**
   * @param store for this session alone.
   * @param onError what could not be kept (`ERR_STORE`): the session goes on, but will not outlive a loss of power whole.
   */
  constructor(
    readonly store: SessionStore,
    private readonly onError?: (error: MqttError) => void,
  ) {}

  /** Finds what is stored. For the client. @throws MqttError `ERR_ARGUMENT`, `ERR_STORE`. */
  open(limits: SessionLimits, protocolVersion: number): SessionState {
    const { inflight, packetSize, receiveMaximum } = limits;
    if (limits.clean) throw wrong("clean", "false, with a clientId, for a stored session");
    this.loadState(protocolVersion);
    this.outbox = new StoredOutbox(Math.max(inflight, this.countOf(0)), packetSize, this);
    if (this.outbox.count === 0 && !this.outbox.free) throw wrong("packetSize", "less, so that a packet fits the store");
    const inbox = new StoredInbox(Math.max(receiveMaximum, this.countOf(RECEIVED)), this);
    return { outbox: this.outbox, inbox, lastIdentifier: this.keptIdentifier };
  }

  /** Has it stored that identifiers up to this one are used. Returns false when that failed. */
  keepIdentifier(identifier: number): boolean {
    const kept = this.keptIdentifier;
    if (identifier <= kept && identifier > kept - AHEAD) return true;
    this.keptIdentifier = Math.min(identifier + AHEAD - 1, MAXIMUM_IDENTIFIER);
    this.bytes[1] = this.keptIdentifier >> 8;
    this.bytes[2] = this.keptIdentifier;
    const isKept = this.store.put(STATE, this.bytes, STATE_SIZE);
    if (!isKept) this.keptIdentifier = kept;
    return isKept;
  }

  /** Whether a message that was the queued one of this number is under way. */
  hasOrigin(origin: number): boolean {
    return this.outbox?.hasOrigin(origin) ?? false;
  }

  /** Something could not be stored that happened all the same. */
  notKept(): void {
    this.failed("an acknowledgement could not be stored");
  }

  /** Tells the application what went wrong. */
  failed(what: string): void {
    this.onError?.(new MqttError("ERR_STORE", what, "resources"));
  }

  private countOf(kind: number): number {
    let count = 0;
    for (let index = 0; index < this.store.count; index++) if (kindOf(this.store.keyAt(index)) === kind) count++;
    return count;
  }

  /** What was stored for another version of the protocol has another form. */
  private loadState(protocolVersion: number): void {
    const { bytes, store } = this;
    const isKnown = store.read(STATE, bytes) === STATE_SIZE;
    if (isKnown) this.keptIdentifier = (bytes[1] << 8) | bytes[2];
    const isOther = isKnown && bytes[0] !== protocolVersion;
    bytes[0] = protocolVersion;
    if (isOther) this.dropMessages();
    if (isOther || !isKnown) store.put(STATE, bytes, STATE_SIZE); // now, so that a store that is too small is so from the first start
  }

  private dropMessages(): void {
    const { store } = this;
    for (let index = store.count - 1; index >= 0; index--) {
      const key = store.keyAt(index);
      if (kindOf(key) !== 0) continue;
      this.failed("a message was stored for another version of the protocol: dropped");
      store.erase(key);
    }
  }
}
