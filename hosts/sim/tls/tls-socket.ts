import Timer from "timer";
import { bytesOf } from "./bytes.js";
import type { TlsSocketOptions } from "./options.js";
import type { TcpSocket } from "./tcp.js";
import { TlsSession, type WriteOptions } from "./tls-session.js";

/** What the SDK takes off the room that it tells of. */
const OVERHEAD = 96;

type Callbacks = Pick<TlsSocketOptions, "onReadable" | "onWritable" | "onError">;

/**
 * `embedded:io/socket/tcp/tls`, as the Moddable SDK's TLSSocket behaves, over OpenSSL.
 *
 * What goes wrong in TLS is thrown where the TCP socket calls, at `options.TCP.io`; `onError` tells that TCP has failed,
 * and that the server has said close_notify. Callbacks are not called with the socket as `this`. After `close()`, `write`
 * throws.
 */
export default class TLSSocket {
  readonly #callbacks: Callbacks;
  #session: TlsSession | undefined;
  #socket: TcpSocket | undefined;
  #isReady = false;
  #isBuffer = true;
  /** The record that is being read, and how much of it has been. */
  #data: Uint8Array | undefined;
  #position = 0;
  /** Announces the next record. */
  #timer: Timer | undefined;

  constructor(options: TlsSocketOptions) {
    this.#callbacks = { onReadable: options.onReadable, onWritable: options.onWritable, onError: options.onError };
    this.#session = new TlsSession({ serverName: options.host, ...options.secure });
    const socket = new options.TCP.io({
      ...options,
      onReadable: (count: number) => this.#onReadable(count),
      onWritable: (count: number) => this.#onWritable(count),
      onError: () => this.#callbacks.onError?.(),
    });
    socket.readable = socket.writable = 0;
    this.#socket = socket;
  }

  get format(): string {
    return this.#isBuffer ? "buffer" : "number";
  }

  set format(format: string) {
    if (format !== "buffer" && format !== "number") throw new RangeError("unknown format");
    this.#isBuffer = format === "buffer";
  }

  /** Says no close_notify. */
  close(): void {
    this.#socket?.close();
    Timer.clear(this.#timer);
    this.#socket = this.#session = this.#timer = undefined;
  }

  /**
   * Reads of the present record only.
   * @param target what to fill as far as there is something, or how many bytes to return, all unless it is given
   * @returns bytes read into the view, or the bytes themselves; nothing when none wait
   */
  read(target?: ArrayBufferView | number): number | ArrayBuffer | undefined {
    const data = this.#data;
    if (!data) return undefined;
    const result = this.#isBuffer ? this.#take(data, target) : data[this.#position++];
    if (this.#position === data.length) this.#finishRecord();
    return result;
  }

  /** @returns the room left; NaN when TCP has failed. */
  write(source: ArrayBuffer | ArrayBufferView, options?: WriteOptions): number {
    return (this.#session as TlsSession).write(this.#socket as TcpSocket, bytesOf(source), options);
  }

  #take(data: Uint8Array, target: ArrayBufferView | number | undefined): number | ArrayBuffer {
    const available = data.length - this.#position;
    if (typeof target === "object") {
      if (!ArrayBuffer.isView(target)) throw new RangeError("no view");
      const count = Math.min(target.byteLength, available);
      bytesOf(target).set(this.#next(data, count));
      return count;
    }
    if (target !== undefined && target > available) throw new Error("invalid");
    return this.#next(data, target ?? available).slice().buffer;
  }

  #next(data: Uint8Array, count: number): Uint8Array {
    const start = this.#position;
    this.#position += count;
    return data.subarray(start, this.#position);
  }

  /** What waits in TCP is not announced again by TCP. */
  #finishRecord(): void {
    this.#data = undefined;
    if ((this.#socket as TcpSocket).readable === 0) return;
    this.#timer ??= Timer.set(() => {
      this.#timer = undefined;
      const { readable } = this.#socket as TcpSocket;
      if (readable > 0) this.#onReadable(readable);
    });
  }

  // Called by the TCP socket.

  #onWritable(count: number): void {
    (this.#socket as TcpSocket).writable = count;
    if (!this.#isReady) this.#advance();
    else if (count > OVERHEAD) this.#callbacks.onWritable?.(count - OVERHEAD);
  }

  #onReadable(count: number): void {
    (this.#socket as TcpSocket).readable = count;
    if (this.#data) return;
    if (this.#isReady) this.#readRecord();
    else this.#readHandshake();
  }

  #readHandshake(): void {
    this.#advance();
    (this.#session as TlsSession).read(this.#socket as TcpSocket);
    if (!this.#isReady) this.#advance();
  }

  #advance(): void {
    const socket = this.#socket as TcpSocket;
    if (!(this.#session as TlsSession).handshake(socket)) return;
    this.#isReady = true;
    this.#onWritable(socket.writable);
  }

  #readRecord(): void {
    const data = (this.#session as TlsSession).read(this.#socket as TcpSocket);
    if (data === null) this.#callbacks.onError?.();
    if (!data || data.length === 0) return;
    this.#data = data;
    this.#position = 0;
    this.#callbacks.onReadable?.(data.length);
  }
}
