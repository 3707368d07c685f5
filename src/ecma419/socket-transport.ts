import type { Clock, ClockTimer } from "../client/clock.js";
import type { Transport, TransportListener } from "../client/transport.js";
import { MqttError } from "../errors.js";
import { resizableBytes } from "../session/resizable-bytes.js";
import type { Resolver, ResolverOptions } from "./resolver.js";
import type { Socket, SocketOptions, SocketParameters } from "./socket.js";

/** Milliseconds for what was received to be read, after a write has failed. */
const FAILURE_DELAY = 100;

/** What a `SocketTransport` is made of, checked. */
export interface SocketTransportOptions {
  /** The server's name, or nothing where there is an `address`. */
  host?: string | undefined;
  /** The server's IP address. Nothing is resolved. */
  address?: string | undefined;
  port: number;
  socket: SocketOptions;
  /** Without one, the name goes to the socket. */
  resolver?: ResolverOptions | undefined;
  /** Bytes read at once behind the beginning of a packet. */
  bufferSize: number;
  /** The platform's send buffer in bytes. */
  writeLimit: number;
  /** For a socket that fails without a word. */
  clock: Clock;
}

/**
 * A connection through any ECMA-419 socket.
 *
 * `open` allocates what the socket and the resolver take, and three callbacks; reading and writing allocate nothing, as
 * far as the socket does not. `open` throws what the socket's constructor throws. `onClose` gets `ERR_HOST_NOT_FOUND`,
 * `ERR_SOCKET` when there was no connection yet, and `ERR_CONNECTION_CLOSED` after that; sockets do not tell why.
 */
export class SocketTransport implements Transport {
  readonly writeLimit: number;
  /** Bytes that the socket takes; negative when it has failed, which `onClose` will tell. */
  room = 0;
  /** Whether the listener waits for `onWritable`; may be set by it, to hear of more room whenever there is. */
  wantsRoom = false;
  private readonly options: SocketTransportOptions;
  private readonly staging: Uint8Array;
  private listener: TransportListener | undefined;
  private resolver: Resolver | undefined;
  protected socket: Socket | undefined;
  private failureTimer: ClockTimer | undefined;
  private isOpen = false;
  /** Bytes that wait in the socket. */
  private available = 0;

  constructor(options: SocketTransportOptions) {
    this.options = options;
    this.writeLimit = options.writeLimit;
    this.staging = resizableBytes(options.bufferSize);
  }

  open(listener: TransportListener): void {
    const { address, resolver } = this.options;
    this.listener = listener;
    if (address === undefined && resolver) this.resolve(resolver);
    else this.connect(address);
  }

  read(target: Uint8Array, start: number, end: number): number {
    if (start > 0) return this.readBehind(target, start, end);
    const length = this.available < end ? this.available : end;
    if (length === 0) return 0;
    const buffer = target.buffer as ArrayBuffer;
    buffer.resize(length);
    const count = this.socket?.read(target) as number | undefined;
    buffer.resize(buffer.maxByteLength);
    this.available -= length;
    return count ?? 0;
  }

  write(source: Uint8Array, length: number): boolean {
    if (length > this.room) return this.waitForRoom();
    const buffer = source.buffer as ArrayBuffer;
    buffer.resize(length);
    let room: number | undefined = -1;
    try {
      room = (this.socket as Socket).write(source) as number | undefined; // there is one, since there was room
    } catch {
      // It has failed, though bytes are still to be read.
    }
    buffer.resize(buffer.maxByteLength);
    this.room = room as number; // or undefined, when it has failed, which is not more than 0 either
    if (this.room >= 0) return true;
    this.failLater();
    return false;
  }

  /** A write failed: `onError` follows when all has been read; but on desktops never, so it is not relied on. */
  protected failLater(): void {
    if (this.failureTimer) return;
    this.failureTimer = this.options.clock.createTimer(() => this.fail("ERR_CONNECTION_CLOSED"));
    this.failureTimer.schedule(FAILURE_DELAY);
  }

  /**
   * `onWritable` is to follow. A socket that fails tells so only when all has been read, which may itself wait for room: from
   * the second try on it is asked.
   */
  protected waitForRoom(): false {
    if (this.wantsRoom && !this.takesNothing(this.socket)) this.failLater();
    this.wantsRoom = true;
    return false;
  }

  /** Whether a socket takes a write of no bytes: one that has failed does not. */
  protected takesNothing(socket: Pick<Socket, "write"> | undefined): boolean {
    const buffer = this.staging.buffer as ArrayBuffer;
    buffer.resize(0);
    let room: number | undefined;
    try {
      room = socket?.write(this.staging) as number | undefined;
    } catch {
      // It has failed.
    }
    buffer.resize(buffer.maxByteLength);
    return room !== undefined;
  }

  /** Behind its front, a target is filled through a buffer of our own, made as long as what is read. */
  private readBehind(target: Uint8Array, start: number, end: number): number {
    const staging = this.staging;
    const buffer = staging.buffer as ArrayBuffer;
    let at = start;
    while (this.available > 0 && at < end) {
      const length = Math.min(this.available, end - at, buffer.maxByteLength);
      buffer.resize(length);
      this.available -= length;
      const count = (this.socket?.read(staging) as number | undefined) ?? 0;
      target.set(staging, at);
      buffer.resize(buffer.maxByteLength);
      at += count;
    }
    return at - start;
  }

  close(): void {
    this.listener = undefined;
    this.isOpen = this.wantsRoom = false;
    this.available = this.room = 0;
    this.failureTimer?.cancel();
    this.failureTimer?.release?.();
    this.resolver?.close();
    this.socket?.close();
    this.failureTimer = this.resolver = this.socket = undefined;
  }

  private resolve(options: ResolverOptions): void {
    const resolver = (this.resolver = new options.io(options as never));
    resolver.resolve({
      host: this.options.host as string, // there is one, since there is no address
      onResolved: (_host, address) => {
        if (this.resolver !== resolver) return;
        this.resolver = undefined;
        resolver.close();
        try {
          this.connect(address);
        } catch {
          this.fail("ERR_SOCKET");
        }
      },
      onError: () => {
        if (this.resolver === resolver) this.fail("ERR_HOST_NOT_FOUND");
      },
    });
  }

  /** Makes the socket. */
  protected connect(address: string | undefined): void {
    const { socket: dictionary, host, port } = this.options;
    // On desktops a socket that its owner has closed may still call, hence the comparisons.
    const parameters: SocketParameters = {
      ...dictionary,
      address,
      host,
      port,
      onReadable: (count) => {
        if (this.socket !== socket) return;
        this.available = count;
        if (this.isOpen) this.listener?.onReadable();
      },
      onWritable: (count) => {
        if (this.socket === socket) this.writable(count);
      },
      onError: () => {
        if (this.socket === socket) this.fail(this.isOpen ? "ERR_CONNECTION_CLOSED" : "ERR_SOCKET");
      },
    };
    const socket = new dictionary.io(parameters as never);
    this.socket = socket;
  }

  private writable(count: number): void {
    this.room = count;
    if (!this.isOpen) {
      this.isOpen = true;
      this.listener?.onOpen();
      if (this.available > 0) this.listener?.onReadable(); // a server that spoke first
    } else if (this.wantsRoom) {
      this.wantsRoom = false;
      this.listener?.onWritable();
    }
  }

  private fail(code: "ERR_HOST_NOT_FOUND" | "ERR_SOCKET" | "ERR_CONNECTION_CLOSED"): void {
    const { address, host, port } = this.options;
    this.lost(new MqttError(code, `the connection to ${address ?? String(host)}:${port} failed`, "network"));
  }

  /** Closes, and tells the listener why. */
  protected lost(error: MqttError): void {
    const listener = this.listener;
    this.close();
    listener?.onClose(error);
  }
}
