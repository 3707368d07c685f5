import TCP, { type Options as SocketOptions } from "embedded:io/socket/tcp";
import { MqttError, type Transport, type TransportListener } from "mqtt-xs";
import { checkInteger, checkText } from "./check.js";
import type { Resolver, ResolverOptions } from "./resolver.js";

type Failure = "ERR_HOST_NOT_FOUND" | "ERR_SOCKET" | "ERR_CONNECTION_CLOSED";

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
  /** Bytes read at once behind the beginning of a packet, 1 to 65,535. Costs as many bytes. Default 128. */
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
 * `open` allocates what the platform's socket and resolver take; reading and writing allocate nothing. The constructor
 * throws `ERR_ARGUMENT`, with the name of the option, and `open` what the platform's socket throws. `onClose` gets
 * `ERR_HOST_NOT_FOUND`, `ERR_SOCKET` when there was no connection yet, and `ERR_CONNECTION_CLOSED` after that; the
 * platform does not tell why.
 */
export class TcpTransport implements Transport {
  readonly writeLimit: number;
  private readonly name: string;
  private readonly socketOptions: SocketOptions<TcpTransport>;
  private readonly resolverOptions: ResolverOptions | undefined;
  private readonly staging: Uint8Array;
  private listener: TransportListener | undefined;
  private resolver: Resolver | undefined;
  private socket: TCP<TcpTransport> | undefined;
  private isOpen = false;
  /** Bytes that wait in the socket. */
  private available = 0;
  /** Bytes that the socket takes. */
  private room = 0;
  /** Whether the owner waits for `onWritable`. */
  private isBlocked = false;

  constructor({ address, host, port = 1883, resolver, bufferSize = 128, writeLimit = 8192 }: TcpTransportOptions) {
    this.name = address === undefined ? checkText("host", host) : checkText("address", address);
    this.socketOptions = {
      port: checkInteger("port", port, 1, 0xffff),
      nodelay: true,
      target: this,
      /* eslint-disable @typescript-eslint/unbound-method -- the socket calls them as its own methods */
      onReadable: TcpTransport.onReadable,
      onWritable: TcpTransport.onWritable,
      onError: TcpTransport.onError,
      /* eslint-enable @typescript-eslint/unbound-method */
    };
    if (address === undefined) this.socketOptions.host = this.name;
    else this.socketOptions.address = address;
    if (resolver && typeof resolver.io !== "function")
      throw new MqttError("ERR_ARGUMENT", "resolver: expected a dictionary with its class as io", "caller");
    if (address === undefined) this.resolverOptions = resolver;
    this.writeLimit = checkInteger("writeLimit", writeLimit, 1, 0xffff);
    bufferSize = checkInteger("bufferSize", bufferSize, 1, 0xffff);
    this.staging = new Uint8Array(new ArrayBuffer(bufferSize, { maxByteLength: bufferSize }));
  }

  open(listener: TransportListener): void {
    this.listener = listener;
    if (this.resolverOptions) this.resolve(this.resolverOptions);
    else this.socket = new TCP(this.socketOptions);
  }

  read(target: Uint8Array, start: number, end: number): number {
    if (start > 0) return this.readBehind(target, start, end);
    const length = this.available < end ? this.available : end;
    if (length === 0) return 0;
    const buffer = target.buffer as ArrayBuffer;
    buffer.resize(length);
    this.socket?.read(target);
    buffer.resize(buffer.maxByteLength);
    this.available -= length;
    return length;
  }

  write(source: Uint8Array, length: number): boolean {
    if (length > this.room) {
      this.isBlocked = true;
      return false;
    }
    const buffer = source.buffer as ArrayBuffer;
    buffer.resize(length);
    let room: number | undefined = -1;
    try {
      room = (this.socket as TCP<TcpTransport>).write(source); // there is one, since there was room
    } catch {
      // It has failed, though bytes are still to be read, after which `onError` follows.
    }
    buffer.resize(buffer.maxByteLength);
    this.room = room as number; // or undefined, when it has failed, which is not more than 0 either
    return this.room >= 0;
  }

  /** Behind its front, a target is filled through a buffer of our own, made as long as what is read. */
  private readBehind(target: Uint8Array, start: number, end: number): number {
    const staging = this.staging;
    const buffer = staging.buffer as ArrayBuffer;
    let at = start;
    while (this.available > 0 && at < end) {
      const length = Math.min(this.available, end - at, buffer.maxByteLength);
      buffer.resize(length);
      this.socket?.read(staging);
      target.set(staging, at);
      buffer.resize(buffer.maxByteLength);
      this.available -= length;
      at += length;
    }
    return at - start;
  }

  close(): void {
    this.listener = undefined;
    this.isOpen = this.isBlocked = false;
    this.available = this.room = 0;
    this.resolver?.close();
    this.socket?.close();
    this.resolver = this.socket = undefined;
  }

  private resolve(options: ResolverOptions): void {
    const resolver = (this.resolver = new options.io(options));
    resolver.resolve({
      host: this.name,
      onResolved: (_host, address) => {
        if (this.resolver !== resolver) return;
        this.resolver = undefined;
        resolver.close();
        this.socketOptions.address = address;
        try {
          this.socket = new TCP(this.socketOptions);
        } catch {
          this.fail("ERR_SOCKET");
        }
      },
      onError: () => {
        if (this.resolver === resolver) this.fail("ERR_HOST_NOT_FOUND");
      },
    });
  }

  private fail(code: Failure): void {
    const listener = this.listener;
    this.close();
    listener?.onClose(new MqttError(code, `the connection to ${this.name}:${String(this.socketOptions.port)} failed`, "network"));
  }

  // Called by the socket, as its methods. On desktops a socket that its owner has closed may still call.

  private static onReadable(this: TCP<TcpTransport>, count: number): void {
    const transport = this.target;
    if (transport.socket !== this) return;
    transport.available = count;
    if (transport.isOpen) transport.listener?.onReadable();
  }

  private static onWritable(this: TCP<TcpTransport>, count: number): void {
    const transport = this.target;
    if (transport.socket !== this) return;
    transport.room = count;
    if (!transport.isOpen) {
      transport.isOpen = true;
      transport.listener?.onOpen();
      if (transport.available > 0) transport.listener?.onReadable(); // a server that spoke first
    } else if (transport.isBlocked) {
      transport.isBlocked = false;
      transport.listener?.onWritable();
    }
  }

  private static onError(this: TCP<TcpTransport>): void {
    const transport = this.target;
    if (transport.socket === this) transport.fail(transport.isOpen ? "ERR_CONNECTION_CLOSED" : "ERR_SOCKET");
  }
}
