import TCP from "embedded:io/socket/tcp";
import Timer from "timer";
import type { SocketCallbacks } from "../../src/ecma419/socket.js";

// Types of TLS records (RFC 5246, 6.2.1).
const CHANGE_CIPHER_SPEC = 20;
const APPLICATION_DATA = 23;

/** Who is told when TLS fails. */
export interface GuardOwner {
  /** The socket that carries its TLS. */
  guard: GuardedSocket | undefined;
  /** TLS threw `cause`, in a callback of this socket's. */
  broken(cause: unknown, guard: GuardedSocket): void;
}

/** What the TLS socket makes a `GuardedSocket` with: its own callbacks, and what it was given itself. */
export interface GuardedSocketOptions extends SocketCallbacks {
  address?: string;
  host?: string;
  port: number;
  owner: GuardOwner;
}

/**
 * The TCP socket under a TLS socket, which keeps four faults of the SDK's TLS socket from doing harm. It throws out of the
 * callbacks of its socket, where nobody catches; it throws out of timers; it leaves what comes behind an empty record, or
 * together with the end of the handshake, until more comes in; and a server that says goodbye in the midst of the handshake
 * has it believe that all is well, and send what is written in the clear.
 */
export class GuardedSocket {
  /** Bytes of room, as the TLS socket notes them. */
  writable = 0;
  /** While set, the TLS socket sees nothing more to read, so that it makes no timer. `resume` makes up for that. */
  isHiding = false;
  private waiting = 0;
  private isSecret = false;
  /** Application data was about to leave in the clear. */
  private isExposed = false;
  private timer: Timer | undefined;
  private readonly onTimer = (): void => {
    this.timer = undefined;
    if (this.isExposed) this.broken(new Error("the server ended TLS before it had begun"));
    else if (this.waiting > 0) this.announce(this.waiting);
  };
  private readonly socket: TCP;
  private readonly options: GuardedSocketOptions;

  constructor(options: GuardedSocketOptions) {
    const { address, host, port, owner } = options;
    this.options = options;
    this.socket = new TCP({
      address,
      ...(host === undefined ? {} : { host }),
      port,
      nodelay: true,
      // Each catches by itself, since a function for what to attempt would have to be made at every call.
      onReadable: (count) => this.announce(count),
      onWritable: (count) => {
        try {
          options.onWritable(count);
        } catch (cause) {
          this.broken(cause);
        }
      },
      onError: () => {
        try {
          options.onError();
        } catch (cause) {
          this.broken(cause);
        }
      },
    });
    owner.guard = this;
  }

  /** Bytes that wait, as the TLS socket notes them. */
  get readable(): number {
    return this.isHiding ? 0 : this.waiting;
  }

  set readable(count: number) {
    this.waiting = count;
  }

  read(view: Uint8Array): number | undefined {
    return this.socket.read(view);
  }

  /** Sends a TLS record; but application data only when it is encrypted. */
  write(record: Uint8Array | ArrayBuffer): number | undefined {
    const bytes = record instanceof Uint8Array ? record : new Uint8Array(record);
    if (bytes[0] === CHANGE_CIPHER_SPEC) this.isSecret = true;
    if (bytes[0] !== APPLICATION_DATA || this.isSecret) return this.socket.write(bytes);
    this.isExposed = true;
    this.soon();
    return 0;
  }

  close(): void {
    this.waiting = 0;
    if (this.timer) Timer.clear(this.timer);
    this.timer = undefined;
    this.socket.close();
  }

  /** The TLS socket has been read from: what waits behind is announced, in a while. */
  resume(): void {
    this.isHiding = false;
    if (this.waiting > 0) this.soon();
  }

  /** What is left after something was taken is announced again: the TLS socket forgets what follows an empty record. */
  private announce(count: number): void {
    try {
      this.options.onReadable(count);
      if (this.waiting > 0 && this.waiting < count) this.soon();
    } catch (cause) {
      this.broken(cause);
    }
  }

  private soon(): void {
    this.timer ??= Timer.set(this.onTimer);
  }

  private broken(cause: unknown): void {
    this.options.owner.broken(cause, this);
  }
}
