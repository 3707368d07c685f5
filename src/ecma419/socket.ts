/** The most bytes that TLS adds to what is written, beyond what the SDK's TLS socket takes off the room that it tells. */
export const TLS_MARGIN = 64;

/** Callbacks of a socket. They are called in time, but not always as its methods. */
export interface SocketCallbacks {
  /** @param count all bytes that wait to be read. */
  onReadable(count: number): void;
  /** @param count bytes that can be written. The first call tells that the connection is there. */
  onWritable(count: number): void;
  onError(error?: unknown): void;
}

/** What a socket is made with: its callbacks, where to, and whatever is in its dictionary. */
export interface SocketParameters extends SocketCallbacks {
  address?: string | undefined;
  host?: string | undefined;
  port: number;
}

/** The part of ECMA-419's TCP socket, and of what takes its place for TLS, that is used here. */
export interface Socket {
  /**
   * Fills the view: wholly, where it is TCP; with TLS, up to the end of what has been announced.
   * @returns a number, of the bytes read; nothing when none wait. The SDK's typings do not know of it.
   */
  read(view: Uint8Array): unknown;
  /**
   * Sends the whole view.
   * @param options tell a TLS socket that more follows, of how many bytes in all, for the same record.
   * @returns a number, of the bytes of room left; nothing when the socket has failed.
   */
  write(view: Uint8Array, options?: { more: true; byteLength: number }): unknown;
  close(): void;
}

/** A socket's dictionary, as in `device.network`. */
export interface SocketOptions {
  /** The socket's class. It is given this whole dictionary, and `SocketParameters`. */
  io: new (options: never) => Socket;
  /** Whatever else the class needs, such as `secure` and `TCP` for TLS. */
  [option: string]: unknown;
}
