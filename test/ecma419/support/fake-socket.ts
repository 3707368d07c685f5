/** What an ECMA-419 TCP socket is made from, as far as the tests look at it. */
export interface SocketDictionary {
  readonly address?: string;
  readonly host?: string;
  readonly port: number;
  readonly onReadable: (count: number) => void;
  readonly onWritable: (count: number) => void;
  readonly onError: () => void;
  readonly [option: string]: unknown;
}

/** In what sockets that are all ECMA-419's differ. */
export interface Manner {
  readonly name: string;
  /** Whether callbacks have the socket as `this`; otherwise they have none. */
  readonly callsMethods: boolean;
  /** Whether reading more than waits gives what there is; otherwise it throws. */
  readonly readsShort: boolean;
  /** Whether what came in one piece is to be read before more is announced. */
  readonly inRecords: boolean;
  /** Bytes that a record takes beside what is written. */
  readonly overhead: number;
  /** How much less room `onWritable` tells, and `write` returns, than there is. */
  readonly withheld: { readonly told: number; readonly returned: number };
}

/** As the SDK's TCP on lwIP: strict. */
export const TCP: Manner = { name: "TCP", callsMethods: true, readsShort: false, inRecords: false, overhead: 0, withheld: { told: 0, returned: 0 } };
/**
 * As the SDK's TLSSocket: callbacks are called as plain functions, records are read one by one, and cost more than what it
 * holds back for them, as those of the ciphers that want most do.
 */
export const TLS: Manner = {
  name: "TLS",
  callsMethods: false,
  readsShort: true,
  inRecords: true,
  overhead: 69,
  withheld: { told: 96, returned: 32 },
};

/** A socket whose other end is the test. */
export class FakeSocket {
  readonly options: SocketDictionary;
  isClosed = false;
  /** Bytes that there is room for. */
  room = 0;
  /** Everything written, each time it was; and how much of it waits for what was said to follow. */
  readonly #written: Uint8Array[] = [];
  #held = 0;
  readonly #manner: Manner;
  /** Pieces that nobody has read, the first one perhaps in part. */
  #incoming: Uint8Array[] = [];
  #isConnected = false;
  #isAnnounced = false;

  constructor(options: SocketDictionary, manner: Manner) {
    this.options = options;
    this.#manner = manner;
  }

  read(view: Uint8Array): number | undefined {
    this.#mustBeOpen();
    const waiting = this.#readable();
    if (waiting === 0) return undefined;
    if (view.length === 0 || (view.length > waiting && !this.#manner.readsShort)) throw new Error("socket: invalid length");
    const count = Math.min(view.length, waiting);
    for (let at = 0; at < count; at++) view[at] = this.#takeByte();
    return count;
  }

  write(data: ArrayBuffer | ArrayBufferView, options?: { readonly more?: boolean }): number {
    this.#mustBeOpen();
    if (!this.#isConnected) throw new Error("socket: not connected");
    const bytes = ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
    const { overhead, withheld } = this.#manner;
    const record = this.#held + bytes.length;
    if (record + overhead > this.room) throw new Error("socket: would block");
    this.#written.push(bytes.slice());
    this.#held = options?.more ? record : 0;
    if (this.#held === 0) this.room -= record + overhead;
    return Math.max(0, this.room - this.#held - withheld.returned);
  }

  close(): void {
    this.isClosed = true;
  }

  // The test's side.

  /** Bytes that have come in and were not read. */
  get unread(): number {
    return this.#incoming.reduce((sum, piece) => sum + piece.length, 0);
  }

  /** The connection is made, or what was written has left: there is room for `count` bytes. */
  writable(count: number): void {
    this.#isConnected = true;
    const { told } = this.#manner.withheld;
    if (count < told) return; // a socket that does not tell has not changed
    this.room = count;
    this.#call(this.options.onWritable, count - told);
  }

  /** Bytes come in. */
  receive(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#incoming.push(bytes);
    if (!this.#manner.inRecords) this.#isAnnounced = false;
    this.announce();
  }

  /** Tells of what waits, if that was not told yet. */
  announce(): void {
    while (!this.isClosed && !this.#isAnnounced && this.#incoming.length > 0) {
      this.#isAnnounced = true;
      this.#call(this.options.onReadable, this.#readable());
    }
  }

  /** The connection fails, is refused, or ends. */
  fail(): void {
    this.options.onError.call(this.#manner.callsMethods ? this : undefined);
  }

  /** What was written since the last time, all of it. */
  takeWritten(): Uint8Array {
    if (this.#held > 0) throw new Error("socket: more was to be written");
    return Uint8Array.from(Buffer.concat(this.#written.splice(0)));
  }

  #call(callback: (count: number) => void, count: number): void {
    callback.call(this.#manner.callsMethods ? this : undefined, count);
  }

  #readable(): number {
    if (this.#manner.inRecords) return this.#incoming.at(0)?.length ?? 0;
    return this.unread;
  }

  #takeByte(): number {
    const [first, ...rest] = this.#incoming;
    const [byte] = first;
    if (first.length > 1) this.#incoming = [first.subarray(1), ...rest];
    else {
      this.#incoming = rest;
      this.#isAnnounced &&= !this.#manner.inRecords;
    }
    return byte;
  }

  #mustBeOpen(): void {
    if (this.isClosed) throw new Error("socket: use after close");
  }
}
