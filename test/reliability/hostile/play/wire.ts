// Runs on XS, too: nothing of Node's. Allocates nothing itself, but errors.
import { MqttError, type Transport, type TransportListener } from "mqtt-xs";

const CLOSED = 0;
const OPENING = 1;
const OPEN = 2;

/** In the place of bytes that are void. */
const VOID = 0xee;

/** A transport whose other end is the test: a plain and fast one, which is what a fuzzer needs. */
export abstract class Wire implements Transport {
  readonly writeLimit = 8_192;
  /** Bytes that the network takes of the client. */
  room = Infinity;
  /** What the client has done against the contract of `Transport`; `undefined` where it has kept to it. */
  broken: string | undefined;
  #state = CLOSED;
  #listener: TransportListener | undefined;
  #isRefused = false;
  /** What has come in, from `#taken` up to `#end`. */
  readonly #incoming: Uint8Array;
  #taken = 0;
  #end = 0;

  /** @param incoming where what comes in waits for the client to read it. */
  constructor(incoming: Uint8Array) {
    this.#incoming = incoming;
  }

  // The client's side.

  open(listener: TransportListener): void {
    if (this.#state !== CLOSED) this.broken ??= "open was called while not closed";
    this.#state = OPENING;
    this.#listener = listener;
    this.#isRefused = false;
    this.#taken = this.#end = 0;
  }

  read(target: Uint8Array, start: number, end: number): number {
    if (this.#state === OPENING) this.broken ??= "read was called before onOpen";
    if (!(start >= 0 && start < end && end <= target.length)) this.broken ??= "read was given an impossible range";
    const first = this.#taken;
    const count = Math.min(end - start, this.#end - first);
    const incoming = this.#incoming;
    for (let at = 0; at < count; at++) target[start + at] = incoming[first + at];
    target.fill(VOID, start + count);
    this.#taken = first + count;
    return count;
  }

  write(source: Uint8Array, length: number): boolean {
    if (this.#state !== OPEN) this.broken ??= "write was called while not open";
    if (!(length > 0 && length <= source.length && length <= this.writeLimit))
      this.broken ??= "write was given an impossible length";
    this.#isRefused = length > this.room;
    if (this.#isRefused) return false;
    this.room -= length;
    this.sent(source, length);
    source.fill(VOID, length);
    return true;
  }

  close(): void {
    if (this.#state === OPEN) this.ended();
    this.#state = CLOSED;
    this.#taken = this.#end = 0;
  }

  // The test's side.

  get isOpen(): boolean {
    return this.#state === OPEN;
  }

  get isOpening(): boolean {
    return this.#state === OPENING;
  }

  /** How many bytes have come in that the client has not taken. */
  get unread(): number {
    return this.#end - this.#taken;
  }

  /** The client has sent the first `length` bytes of `source`. */
  protected abstract sent(source: Uint8Array, length: number): void;

  /** A connection has ended. */
  protected abstract ended(): void;

  accept(): void {
    this.#state = OPEN;
    this.#listener?.onOpen();
  }

  refuse(): void {
    this.#state = CLOSED;
    this.#listener?.onClose(new MqttError("ERR_SOCKET", "connection refused (by the test)", "network"));
  }

  drop(): void {
    this.close();
    this.#listener?.onClose(new MqttError("ERR_CONNECTION_CLOSED", "connection closed (by the test)", "network"));
  }

  /**
   * Bytes from the server, which come in pieces that end before these indexes; what a client has closed gets no more of them.
   * Where the client has left so much unread that they do not fit behind it, they stay with the server for ever.
   */
  deliver(bytes: Uint8Array, splits: readonly number[] = []): void {
    const incoming = this.#incoming;
    incoming.copyWithin(0, this.#taken, this.#end);
    this.#end -= this.#taken;
    this.#taken = 0;
    if (this.#end + bytes.length > incoming.length) return;
    incoming.set(bytes, this.#end);
    const before = this.#end;
    for (let piece = 0; piece <= splits.length && this.#state === OPEN; piece++) {
      this.#end = Math.max(this.#end, before + (piece < splits.length ? splits[piece] : bytes.length));
      this.arrive();
    }
  }

  /** Tells the client that there is more to read. */
  protected arrive(): void {
    this.#listener?.onReadable();
  }

  /** Has the network take this many bytes more. */
  makeRoom(bytes: number): void {
    this.room += bytes;
    if (!this.#isRefused || this.#state !== OPEN) return;
    this.#isRefused = false;
    this.#listener?.onWritable();
  }
}
