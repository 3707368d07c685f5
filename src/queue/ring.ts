import type { WaitingMessages } from "./waiting-messages.js";

/** Bytes that tell how long a message is. */
const LENGTH_SIZE = 2;

/** Messages in a fixed buffer in RAM, used over and over again from its beginning. Nothing but the constructor allocates. */
export class Ring implements WaitingMessages {
  count = 0;
  private readonly bytes: Uint8Array;
  private start = 0;
  private used = 0;

  /** @param size bytes of the buffer; each message takes two besides its own. */
  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }

  push(message: Uint8Array, length: number): boolean {
    if (this.used + LENGTH_SIZE + length > this.bytes.length) return false;
    this.append(length >> 8);
    this.append(length);
    for (let at = 0; at < length; at++) this.append(message[at]);
    this.count++;
    return true;
  }

  first(target: Uint8Array): number {
    if (this.count === 0) return -1;
    const length = this.firstLength();
    for (let at = 0; at < length; at++) target[at] = this.byte(LENGTH_SIZE + at);
    return length;
  }

  shift(): void {
    if (this.count === 0) return;
    const size = LENGTH_SIZE + this.firstLength();
    this.start = (this.start + size) % this.bytes.length;
    this.used -= size;
    this.count--;
  }

  private firstLength(): number {
    return (this.byte(0) << 8) | this.byte(1);
  }

  private byte(at: number): number {
    return this.bytes[(this.start + at) % this.bytes.length];
  }

  private append(byte: number): void {
    this.bytes[(this.start + this.used++) % this.bytes.length] = byte;
  }
}
