import { wrong } from "../index.js";
import { kindOf, ORIGINS, QUEUED } from "../store/keys.js";
import type { StoredSession } from "../store/stored-session.js";
import type { WaitingMessages } from "./waiting-messages.js";

/** Room that is left to the session, so that a message can go from here to there: a packet, two headers and some more. */
const RESERVE = 128;

/**
 * Messages on the store of a session. Each has a number, which the session's record of it has in its key: a message of which
 * there is such a record has left the queue, even where the power went before its own record could be erased.
 */
export class StoredMessages implements WaitingMessages {
  count = 0;
  /** The numbers of the first one, 0 when there is none, and of the one that came last. */
  private head = 0;
  private last = 0;

  /**
   * @param limit how many messages there may be. @param packetSize bytes of the largest packet of the session.
   * @throws MqttError `ERR_ARGUMENT` when no message could be moved to the session.
   */
  constructor(
    private readonly session: StoredSession,
    private readonly limit: number,
    private readonly packetSize: number,
  ) {
    const { store } = session;
    if (store.count <= 1 && !store.hasRoom(2 * packetSize + RESERVE))
      throw wrong("packetSize", "less than half of what fits the store");
    for (let index = 0; index < store.count; index++) {
      const key = store.keyAt(index);
      if (kindOf(key) !== QUEUED) continue;
      if (session.hasOrigin(key - QUEUED)) {
        store.erase(key);
        index--;
      } else {
        this.last = key - QUEUED;
        this.count++;
      }
    }
    this.findHead();
  }

  /** The number of the first message, for the session; 0 when there is none. */
  get origin(): number {
    return this.head;
  }

  /** Reads the last one to the front of `target`. Returns its length; -1 when there is none. */
  readLast(target: Uint8Array): number {
    return this.count > 0 ? this.session.store.read(QUEUED + this.last, target) : -1;
  }

  push(message: Uint8Array, length: number): boolean {
    const { store } = this.session;
    if (this.count >= this.limit || !store.hasRoom(length + this.packetSize + RESERVE)) return false;
    const number = this.nextNumber();
    if (!store.put(QUEUED + number, message, length)) return false;
    this.last = number;
    if (this.count++ === 0) this.head = number;
    return true;
  }

  first(target: Uint8Array): number {
    while (this.count > 0) {
      const length = this.session.store.read(QUEUED + this.head, target);
      if (length >= 0) return length;
      this.session.failed("a queued message does not fit packetSize, or cannot be read: dropped");
      this.shift();
    }
    return -1;
  }

  shift(): void {
    if (this.count === 0) return;
    this.session.store.erase(QUEUED + this.head);
    this.count--;
    this.findHead();
  }

  private findHead(): void {
    const { store } = this.session;
    let index = 0;
    this.head = 0;
    if (this.count === 0) return;
    while (kindOf(store.keyAt(index)) !== QUEUED) index++;
    this.head = store.keyAt(index) - QUEUED;
  }

  /** Numbers increase, wrap to 1, and skip those that the session still has. There are more than messages. */
  private nextNumber(): number {
    let number = this.last;
    do number = (number % (ORIGINS - 1)) + 1;
    while (this.session.hasOrigin(number));
    return number;
  }
}
