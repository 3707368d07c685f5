import { Inbox } from "../index.js";
import { kindOf, RECEIVED } from "./keys.js";
import type { StoredSession } from "./stored-session.js";

/** An inbox whose identifiers are stored before the message is handed over, and erased with its PUBREL. */
export class StoredInbox extends Inbox {
  constructor(
    size: number,
    private readonly session: StoredSession,
  ) {
    super(size);
    const { store } = session;
    for (let index = 0; index < store.count; index++)
      if (kindOf(store.keyAt(index)) === RECEIVED) super.add(store.keyAt(index) - RECEIVED);
  }

  override add(identifier: number): void {
    super.add(identifier);
    if (!this.session.store.put(RECEIVED + identifier, this.session.bytes, 0)) this.session.notKept();
  }

  override delete(identifier: number): void {
    super.delete(identifier);
    this.session.store.erase(RECEIVED + identifier);
  }

  override clear(): void {
    while (this.count > 0) this.delete(this.identifiers[0]);
  }
}
