// The modules of the device that this folder uses. Those of the SDK's typings that are right are taken from there, one by
// one, because their index brings globals that collide with Node's.
/// <reference types="@moddable/mcsim-types/time" />
/// <reference types="@moddable/mcsim-types/timer" />

/** ECMA-419's TCP socket. The SDK's typings say that `read` and `write` return nothing, and leave `target` out. */
declare module "embedded:io/socket/tcp" {
  /** What a socket is made from. The callbacks are called with the socket as `this`. */
  export interface Options<Target = unknown> {
    /** A numeric address. */
    address?: string | undefined;
    /** The name that the address stands for; where there is no address, some platforms resolve it. */
    host?: string;
    port: number;
    nodelay?: boolean;
    format?: "number" | "buffer";
    target?: Target;
    /** @param count all bytes that wait to be read */
    onReadable?: (this: TCP<Target>, count: number) => void;
    /** @param count bytes that can be written */
    onWritable?: (this: TCP<Target>, count: number) => void;
    onError?: (this: TCP<Target>) => void;
  }

  export default class TCP<Target = unknown> {
    constructor(options: Options<Target>);
    readonly target: Target;
    readonly remoteAddress: string | undefined;
    readonly remotePort: number | undefined;
    format: "number" | "buffer";
    /**
     * Fills the whole view; throws when it is longer than what waits.
     * @returns bytes read; nothing when none wait
     */
    read(view: Uint8Array): number | undefined;
    /**
     * Sends the whole view; throws when it is longer than the room left, or before the first `onWritable`.
     * @returns the room left; nothing when the socket has failed
     */
    write(view: Uint8Array): number | undefined;
    close(): void;
  }
}

/** The Moddable SDK's TLSSocket. Callbacks are not called with the socket as `this`, and there is no `target`. */
declare module "embedded:io/socket/tcp/tls" {
  /** What a socket is made from. The TCP socket below is made from the same, with callbacks of its own. */
  export interface Options {
    host?: string | undefined;
    address?: string | undefined;
    port: number;
    /** A key that is there but `undefined` counts as given. */
    secure: import("./tls-transport.js").SecureOptions;
    /** The TCP socket's class: what goes wrong with TLS is thrown out of the callbacks that it calls. */
    TCP: { io: new (options: never) => object; [option: string]: unknown };
    /** @param count bytes that wait to be read, of one record; the next one is announced when they have been */
    onReadable?: (count: number) => void;
    /** @param count bytes that can be written. The first call tells that the handshake is done. */
    onWritable?: (count: number) => void;
    /** The server has closed, once by TLS and once by TCP, or the connection has failed. */
    onError?: () => void;
  }

  export interface WriteOptions {
    /** Keep this, for one record with what follows. */
    more: boolean;
    /** Bytes that come in all. */
    byteLength?: number;
  }

  export default class TLSSocket {
    constructor(options: Options);
    format: "number" | "buffer";
    /**
     * Fills the view, or as much of it as there is of the record.
     * @returns bytes read; nothing when none wait
     */
    read(view: ArrayBufferView): number | undefined;
    /** @param count bytes to return, at most those that wait; all of them unless it is given */
    read(count?: number): ArrayBuffer | undefined;
    /**
     * Sends the whole view as one record; throws when that is longer than 16,384 bytes, or than the room left.
     * @returns the room left; NaN when the socket has failed
     */
    write(view: ArrayBuffer | ArrayBufferView, options?: WriteOptions): number;
    /** Says nothing to the server. */
    close(): void;
  }
}

/** ECMA-419's flash storage. */
declare module "embedded:storage/flash" {
  export interface Status {
    /** Bytes of the partition. */
    size: number;
    /** Bytes that are erased together. */
    blockLength: number;
    blocks: number;
  }

  export class Flash {
    private constructor();
    /** Fills the whole view. Throws when the flash fails, or does not have so much. */
    read(view: Uint8Array, position: number): number;
    /** Writes the whole view: bits can only become 0. */
    write(view: Uint8Array, position: number): void;
    /** Sets all bits of the blocks from `start` up to, but not including, `end`. */
    eraseBlock(start: number, end: number): void;
    status(): Status;
    close(): void;
  }

  const storage: {
    /** Throws when there is no partition of that name. */
    open(options: { path: string; mode?: "r" | "r+" }): Flash;
    /** The names of all partitions. */
    [Symbol.iterator](): Iterator<string>;
  };
  export default storage;
}

/** Makes the global `device`. */
declare module "system" {}

/** ECMA-419's UDP socket, for the resolver's dictionary. */
declare module "embedded:io/socket/udp" {
  export default class UDP {
    private constructor();
  }
}

/** ECMA-419's resolver over UDP; the SDK's typings give `resolve` another form. */
declare module "embedded:network/dns/resolver/udp" {
  export default class Resolver {
    constructor(options: { servers: readonly string[]; socket: { io: unknown } });
    resolve: import("../../src/ecma419/resolver.js").Resolver["resolve"];
    close(): void;
  }
}

/** The class itself, as apps have it. */
declare module "embedded:network/mqtt/client" {
  export { default } from "mqtt-xs/ecma419";
}
