/** What the socket calls, as in ECMA-419. */
interface Options {
  address?: string | undefined;
  host?: string;
  port: number;
  nodelay?: boolean;
  target?: unknown;
  onReadable?: (this: TCP, count: number) => void;
  onWritable?: (this: TCP, count: number) => void;
  onError?: (this: TCP) => void;
}

/**
 * Stands in for the device's `embedded:io/socket/tcp`, with the manners of the SDK on lwIP, where they are worst: reading
 * or writing more than there is throws, so does writing too early, a failed socket takes nothing without a word, and
 * `onError` waits until everything has been read.
 */
export default class TCP {
  /** Every socket made, the latest last. */
  static sockets: TCP[] = [];
  /** Whether a host without an address will do, as in the simulator, not as on ESP32. */
  static resolvesNames = false;
  /** Makes the constructor throw, as without a network. */
  static failure: Error | undefined;

  readonly target: unknown;
  readonly options: Options;
  readonly sent: number[] = [];
  isClosed = false;
  room = 0;
  #incoming: number[] = [];
  #isReady = false;
  #hasFailed = false;

  constructor(options: Options) {
    if (TCP.failure !== undefined) throw TCP.failure;
    const isResolvable = TCP.resolvesNames && options.address === undefined && options.host !== undefined;
    if (!isResolvable && !/^[0-9.]+$/.test(options.address ?? "")) throw new Error("invalid address");
    this.options = { ...options };
    this.target = options.target;
    TCP.sockets.push(this);
  }

  read(view: Uint8Array): number | undefined {
    this.#mustBeAlive();
    if (this.#incoming.length === 0) return undefined;
    if (view.length === 0 || view.length > this.#incoming.length) throw new Error("invalid");
    view.set(this.#incoming.splice(0, view.length));
    return view.length;
  }

  write(view: Uint8Array): number | undefined {
    this.#mustBeAlive();
    if (!this.#isReady) throw new Error("not ready");
    if (this.#hasFailed) return undefined;
    if (view.length > this.room) throw new Error("would block");
    this.sent.push(...view);
    this.room -= view.length;
    return this.room;
  }

  close(): void {
    this.isClosed = true;
  }

  // The test's side.

  static get latest(): TCP {
    const socket = TCP.sockets.at(-1);
    if (socket === undefined) throw new Error("no socket was made");
    return socket;
  }

  static reset(): void {
    TCP.sockets = [];
    TCP.failure = undefined;
    TCP.resolvesNames = false;
  }

  get unread(): number {
    return this.#incoming.length;
  }

  /** The connection is made, or bytes were acknowledged: there is room for `count` bytes. */
  writable(count: number): void {
    this.#isReady = true;
    this.room = count;
    this.options.onWritable?.call(this, count);
  }

  /** Bytes come in. */
  receive(...bytes: number[]): void {
    this.#incoming.push(...bytes);
    this.options.onReadable?.call(this, this.#incoming.length);
  }

  /** The connection is gone, but nothing has noticed yet: `write` is without effect. */
  failSilently(): void {
    this.#hasFailed = true;
  }

  /** The connection is gone and the socket knows it; while bytes are unread, it does not tell. */
  failWithBytesUnread(): void {
    this.#hasFailed = true;
    this.#isReady = false;
  }

  /** The connection is gone. */
  fail(): void {
    this.failWithBytesUnread();
    this.options.onError?.call(this);
  }

  #mustBeAlive(): void {
    if (this.isClosed) throw new Error("use of a closed socket");
  }
}
