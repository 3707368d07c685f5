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
