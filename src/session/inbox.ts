/**
 * The packet identifiers of QoS 2 messages that came in and whose PUBREL has not: a PUBLISH with one of them is a
 * repetition (MQTT 3.1.1, 4.3.3). Fixed memory; outlives connections, as the session does.
 */
export class Inbox {
  protected readonly identifiers: Uint16Array;
  protected count = 0;

  /** @param size how many identifiers there is room for. */
  constructor(size: number) {
    this.identifiers = new Uint16Array(size);
  }

  /** Whether there is no room for another identifier. */
  get full(): boolean {
    return this.count === this.identifiers.length;
  }

  /** Whether this identifier's message has come in already. */
  has(identifier: number): boolean {
    return this.find(identifier) >= 0;
  }

  /** Remembers an identifier that is not there yet, when not `full`. */
  add(identifier: number): void {
    this.identifiers[this.count++] = identifier;
  }

  /** Forgets an identifier, if it is there. */
  delete(identifier: number): void {
    const at = this.find(identifier);
    if (at >= 0) this.identifiers[at] = this.identifiers[--this.count];
  }

  /** Forgets all: another session begins. */
  clear(): void {
    this.count = 0;
  }

  private find(identifier: number): number {
    let at = this.count - 1;
    while (at >= 0 && this.identifiers[at] !== identifier) at--;
    return at;
  }
}
