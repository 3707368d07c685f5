import type { PayloadSource } from "mqtt-xs";

/** A payload that begins with its message's number, and whose every byte is known. */
export function numberedPayload(number: number, size: number): Uint8Array {
  return new TextEncoder().encode(`${number}:`.padEnd(size, `${number % 10}abcdefghijklmnopqrstuvwxyz`));
}

/** The number at the front of a numbered payload. */
export function numberOf(payload: Uint8Array): number {
  return Number(new TextDecoder().decode(payload).split(":", 1)[0]);
}

/** A payload that comes in small pieces and now and then keeps the client waiting for `Client.resume`. */
export class HaltingSource implements PayloadSource {
  readonly #bytes: Uint8Array;
  #reads = 0;

  readonly #onRead: () => void;

  /** @param onRead is called before each piece, and may call back. */
  constructor(bytes: Uint8Array, onRead: () => void = () => undefined) {
    this.#bytes = bytes;
    this.#onRead = onRead;
  }

  get length(): number {
    return this.#bytes.length;
  }

  read(target: Uint8Array, start: number, end: number, position: number): number {
    this.#onRead();
    if (this.#reads++ % 3 === 1) return 0;
    const piece = this.#bytes.slice(position, Math.min(position + 23, position + end - start));
    target.set(piece, start);
    return piece.length;
  }
}
