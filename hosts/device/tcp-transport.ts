import TCP, { type Options as SocketOptions } from "embedded:io/socket/tcp";
import { MqttError, type Transport, type TransportListener } from "mqtt-xs";
import Timer from "timer";
import { checkInteger, checkText } from "./check.js";
import type { Resolver, ResolverOptions } from "./resolver.js";

const WHAT_FAILED = {
  ERR_HOST_NOT_FOUND: "cannot resolve",
  ERR_SOCKET: "cannot connect to",
  ERR_CONNECTION_CLOSED: "lost the connection to",
};

type Failure = keyof typeof WHAT_FAILED;

/** Options of a `TcpTransport`: one of `host` and `address`, the rest as needed. */
export interface TcpTransportOptions {
  /** The server's name; goes to `resolver`, or where there is none to the socket, which on ESP32 takes addresses only. */
  host?: string;
  /** The server's IP address, such as `"192.168.1.10"`. Nothing is resolved. */
  address?: string;
  /** 1 to 65,535. Default 1883. */
  port?: number;
  /** An ECMA-419 DNS resolver's dictionary: its class as `io`, and what that needs, such as `servers` and `socket`. */
  resolver?: ResolverOptions;
  /** Bytes read at once, 1 to 65,535. Costs as many bytes. Default 512. */
  bufferSize?: number;
  /**
   * The platform's send buffer in bytes, 1 to 65,535: a larger write would wait for ever. Default 8,192, as the SDK
   * configures ESP32; the simulator has 1,536.
   */
  writeLimit?: number;
}

/**
 * A TCP connection through the device's `embedded:io/socket/tcp`, on ESP32 and in the simulators.
 *
 * `open` allocates what the platform's socket and resolver take; reading and writing allocate nothing. Nothing throws but
 * the constructor: `ERR_ARGUMENT`, with the name of the option. `onClose` gets `ERR_HOST_NOT_FOUND`, `ERR_SOCKET` when
 * there was no connection yet, and `ERR_CONNECTION_CLOSED` after that; the platform does not tell why.
 */
export class TcpTransport implements Transport {
  readonly writeLimit: number;

  readonly #host: string;
  readonly #socketOptions: SocketOptions<TcpTransport>;
  readonly #resolverOptions: ResolverOptions | undefined;
  readonly #staging: Uint8Array;
  readonly #stagingBuffer: ArrayBuffer;
  readonly #stagingSize: number;

  #listener: TransportListener | undefined;
  #resolver: Resolver | undefined;
  #socket: TCP<TcpTransport> | undefined;
  #failure: Timer | undefined;
  #isOpen = false;
  /** Bytes that wait in the socket. */
  #available = 0;
  /** Bytes that the socket takes. */
  #room = 0;
  /** Whether the owner waits for `onWritable`. */
  #isBlocked = false;

  constructor(options: TcpTransportOptions) {
    const { address, port = 1883, resolver, bufferSize = 512, writeLimit = 8192 } = options;
    const host = address === undefined ? checkText("host", options.host) : checkText("address", address);
    if (resolver !== undefined && typeof resolver.io !== "function")
      throw new MqttError("ERR_ARGUMENT", "resolver must have the resolver's class as io");
    this.#host = host;
    this.#socketOptions = {
      address,
      host,
      port: checkInteger("port", port, 1, 0xffff),
      nodelay: true,
      target: this,
      onReadable: TcpTransport.#onReadable,
      onWritable: TcpTransport.#onWritable,
      onError: TcpTransport.#onError,
    };
    this.#resolverOptions = address === undefined ? resolver : undefined;
    this.writeLimit = checkInteger("writeLimit", writeLimit, 1, 0xffff);
    this.#stagingSize = checkInteger("bufferSize", bufferSize, 1, 0xffff);
    this.#stagingBuffer = new ArrayBuffer(bufferSize, { maxByteLength: bufferSize });
    this.#staging = new Uint8Array(this.#stagingBuffer);
  }

  open(listener: TransportListener): void {
    this.#listener = listener;
    if (this.#resolverOptions === undefined) this.#connect();
    else this.#resolve(this.#resolverOptions);
  }

  read(target: Uint8Array, start: number, end: number): number {
    const size = this.#stagingSize;
    let length = this.#available;
    if (length === 0) return 0;
    if (length > size) length = size;
    if (length > end - start) length = end - start;
    const buffer = this.#stagingBuffer;
    buffer.resize(length);
    try {
      this.#socket?.read(this.#staging);
      target.set(this.#staging, start);
    } finally {
      buffer.resize(size);
    }
    this.#available -= length;
    return length;
  }

  write(source: Uint8Array, length: number): boolean {
    if (length > this.#room) {
      this.#isBlocked = true;
      return false;
    }
    const size = source.length;
    const buffer = source.buffer as ArrayBuffer;
    let room: number | undefined;
    buffer.resize(length);
    try {
      room = this.#socket?.write(source);
    } catch {
      // The socket has failed: `onError` comes when all that was received has been read.
    }
    buffer.resize(size);
    this.#room = room ?? 0;
    return room !== undefined;
  }

  close(): void {
    this.#listener = undefined;
    this.#isOpen = false;
    this.#isBlocked = false;
    this.#available = 0;
    this.#room = 0;
    this.#resolver?.close();
    this.#resolver = undefined;
    this.#socket?.close();
    this.#socket = undefined;
    if (this.#failure !== undefined) Timer.clear(this.#failure);
    this.#failure = undefined;
  }

  #resolve(options: ResolverOptions): void {
    try {
      const resolver = new options.io(options);
      this.#resolver = resolver;
      resolver.resolve({
        host: this.#host,
        onResolved: (_host, address) => {
          if (this.#resolver !== resolver) return;
          this.#resolver = undefined;
          resolver.close();
          this.#socketOptions.address = address;
          this.#connect();
        },
        onError: () => {
          if (this.#resolver === resolver) this.#fail("ERR_HOST_NOT_FOUND");
        },
      });
    } catch {
      this.#failLater("ERR_HOST_NOT_FOUND");
    }
  }

  #connect(): void {
    try {
      this.#socket = new TCP(this.#socketOptions);
    } catch {
      this.#failLater("ERR_SOCKET");
    }
  }

  /** For what fails while `open` runs, which may not call the listener. */
  #failLater(code: Failure): void {
    this.#failure = Timer.set(() => {
      this.#fail(code);
    });
  }

  #fail(code: Failure): void {
    const listener = this.#listener;
    this.close();
    listener?.onClose(new MqttError(code, `${WHAT_FAILED[code]} ${this.#host}:${this.#socketOptions.port}`));
  }

  // Called by the socket, as its methods. On desktops a socket that its owner has closed may still call.

  static #onReadable(this: TCP<TcpTransport>, count: number): void {
    const transport = this.target;
    if (transport.#socket !== this) return;
    transport.#available = count;
    if (transport.#isOpen) transport.#listener?.onReadable();
  }

  static #onWritable(this: TCP<TcpTransport>, count: number): void {
    const transport = this.target;
    if (transport.#socket !== this) return;
    transport.#room = count;
    if (!transport.#isOpen) transport.#opened();
    else if (transport.#isBlocked) {
      transport.#isBlocked = false;
      transport.#listener?.onWritable();
    }
  }

  static #onError(this: TCP<TcpTransport>): void {
    const transport = this.target;
    if (transport.#socket === this) transport.#fail(transport.#isOpen ? "ERR_CONNECTION_CLOSED" : "ERR_SOCKET");
  }

  /** A server that speaks first is read before the socket is writable for the first time. */
  #opened(): void {
    this.#isOpen = true;
    this.#listener?.onOpen();
    if (this.#available > 0) this.#listener?.onReadable();
  }
}
