import type { Transport, TransportListener } from "../../src/client/transport.js";
import { MqttError } from "../../src/errors.js";

/** In the place of bytes that are void. */
const VOID = 0xee;

type State = "closed" | "opening" | "open";

/** Options of a `MemoryTransport`. */
export interface MemoryTransportOptions {
  /** `Transport.writeLimit`; 8192 unless given. */
  readonly writeLimit?: number;
  /** Bytes that `write` takes before it returns false; no limit unless given. */
  readonly room?: number;
}

/**
 * A `Transport` in memory, whose other end is the test. Nothing happens by itself: every callback is made by a test-side
 * method, before that method returns. An owner that breaks the contract of `Transport` gets a plain `Error`, which is
 * kept in `violations` too, in case the owner swallows it.
 */
export class MemoryTransport implements Transport {
  readonly writeLimit: number;

  /** What the owner did against the contract. */
  readonly violations: Error[] = [];
  /** How often `open` was called. */
  opens = 0;
  /** How often `onWritable` was owed and given. */
  writableCalls = 0;
  /** Bytes that `write` still takes. */
  room: number;
  /** Whether the latest connection was ended by the owner's `close`. */
  closedByClient = false;

  #state: State = "closed";
  #listener: TransportListener | undefined;
  #sent: number[] = [];
  #incoming: number[] = [];
  #writeRefused = false;
  #insideMethod = false;

  constructor(options: MemoryTransportOptions = {}) {
    this.writeLimit = options.writeLimit ?? 8192;
    this.room = options.room ?? Infinity;
  }

  // The owner's side.

  open(listener: TransportListener): void {
    if (this.#state !== "closed") throw this.#violation(`open was called while ${this.#state}`);
    this.#state = "opening";
    this.#listener = listener;
    this.#sent = [];
    this.#incoming = [];
    this.#writeRefused = false;
    this.closedByClient = false;
    this.opens++;
  }

  read(target: Uint8Array, start: number, end: number): number {
    if (this.#state === "opening") throw this.#violation("read was called before onOpen");
    if (!(Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start < end && end <= target.length))
      throw this.#violation(`read was given the range ${start}..${end} of ${target.length}`);
    const taken = this.#incoming.splice(0, end - start);
    target.fill(VOID, start); // a transport may do so, and an owner that relies on these bytes is to fail here
    target.set(taken, start);
    return taken.length;
  }

  write(source: Uint8Array, length: number): boolean {
    if (this.#state !== "open") throw this.#violation(`write was called while ${this.#state}`);
    if (!(Number.isInteger(length) && 0 < length && length <= this.writeLimit))
      throw this.#violation(`write was given a length of ${length}`);
    if (length > this.room) {
      this.#writeRefused = true;
      return false;
    }
    this.room -= length;
    this.#sent.push(...this.#shrunk(source, length));
    return true;
  }

  close(): void {
    if (this.#state === "closed") return;
    this.closedByClient = true;
    this.#end();
  }

  // The test's side.

  /** Whether bytes can go both ways. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Whether `open` was called and not answered yet. */
  get isOpening(): boolean {
    return this.#state === "opening";
  }

  /** All bytes that the owner wrote on the latest connection and that `takeSent` has not taken. */
  get sent(): Uint8Array {
    return Uint8Array.from(this.#sent);
  }

  /** How many delivered bytes the owner has not read. */
  get unread(): number {
    return this.#incoming.length;
  }

  /** The first `length` bytes of `sent`, or all of them, which are gone from `sent` then. */
  takeSent(length = this.#sent.length): Uint8Array {
    return Uint8Array.from(this.#sent.splice(0, length));
  }

  /** Answers `open` with `onOpen`. */
  accept(): void {
    this.#mustBe("opening", "accept");
    this.#state = "open";
    this.#call((listener) => {
      listener.onOpen();
    });
  }

  /** Answers `open` with `onClose`. */
  refuse(error: MqttError = new MqttError("ERR_SOCKET", "connection refused (by the test)", "network")): void {
    this.#mustBe("opening", "refuse");
    this.#fail(error);
  }

  /**
   * Bytes from the server, in one piece or cut after each of the indexes in `splits`, with one `onReadable` for each
   * piece. Pieces that come after the owner has closed are dropped, as a socket would.
   */
  deliver(bytes: Uint8Array, splits: readonly number[] = []): void {
    this.#mustBe("open", "deliver");
    const ends = [...splits, bytes.length];
    let start = 0;
    for (const end of ends) {
      this.#arrive(bytes.slice(start, end));
      start = end;
    }
  }

  /** Bytes from the server, each by itself. */
  deliverByteByByte(bytes: Uint8Array): void {
    this.deliver(
      bytes,
      Array.from({ length: Math.max(0, bytes.length - 1) }, (_, index) => index + 1),
    );
  }

  /** Lets `write` take `bytes` more; `onWritable` follows if a `write` was refused since the last one. */
  makeRoom(bytes: number): void {
    this.room += bytes;
    if (!this.#writeRefused || this.#state !== "open") return;
    this.#writeRefused = false;
    this.writableCalls++;
    this.#call((listener) => {
      listener.onWritable();
    });
  }

  /** The connection breaks, or is ended by the server: `onClose`. */
  drop(error: MqttError = new MqttError("ERR_CONNECTION_CLOSED", "connection closed (by the test)", "network")): void {
    if (this.#state === "closed") throw new Error("MemoryTransport: drop was called while closed");
    this.#fail(error);
  }

  #arrive(piece: Uint8Array): void {
    if (piece.length === 0 || this.#state !== "open") return;
    this.#incoming.push(...piece);
    this.#call((listener) => {
      listener.onReadable();
    });
  }

  #fail(error: MqttError): void {
    const listener = this.#listener;
    this.#end();
    listener?.onClose(error);
  }

  #end(): void {
    this.#state = "closed";
    this.#incoming = [];
    this.#listener = undefined;
  }

  #call(tell: (listener: TransportListener) => void): void {
    if (this.#insideMethod) throw new Error("MemoryTransport: a callback was made inside a callback");
    if (this.#listener === undefined) return;
    this.#insideMethod = true;
    try {
      tell(this.#listener);
    } finally {
      this.#insideMethod = false;
    }
  }

  /** Does what a device does, so that an owner which relies on the bytes past `length` fails here too. */
  #shrunk(source: Uint8Array, length: number): number[] {
    const buffer = source.buffer;
    if (!(buffer instanceof ArrayBuffer && buffer.resizable && source.byteOffset === 0))
      throw this.#violation("write was given a view that is not of a resizable buffer from its first byte");
    if (source.length !== buffer.maxByteLength) throw this.#violation("write was given a shrunk buffer");
    if (length > source.length) throw this.#violation("write was given more length than the view has");
    buffer.resize(length);
    const bytes = source.length === length ? Array.from(source) : undefined;
    buffer.resize(buffer.maxByteLength);
    if (bytes === undefined) throw this.#violation("write was given a view that does not track its buffer's length");
    return bytes;
  }

  #mustBe(state: State, method: string): void {
    if (this.#state !== state) throw new Error(`MemoryTransport: ${method} was called by the test while ${this.#state}`);
  }

  #violation(what: string): Error {
    const error = new Error(`Transport contract broken by its owner: ${what}`);
    this.violations.push(error);
    return error;
  }
}
