import Timer from "./timer.js";

// Types of records.
const CHANGE_CIPHER_SPEC = 20;
const ALERT = 21;
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;

const HEADER = 5;
/** What encryption adds to a record's content here. */
const ADDED = 24;
/** What the SDK takes off the room that it tells of, and off the room that is left. */
const OVERHEAD = 96;
const LESS_OVERHEAD = 32;

/** The socket under it, on which it keeps two numbers. */
interface TcpSocket {
  readable: number;
  writable: number;
  read(view: Uint8Array): number | undefined;
  write(view: Uint8Array): number | undefined;
  close(): void;
}

interface Callbacks {
  readonly onReadable?: (count: number) => void;
  readonly onWritable?: (count: number) => void;
  readonly onError?: () => void;
}

interface Options extends Callbacks {
  readonly host?: string | undefined;
  readonly address?: string | undefined;
  readonly port: number;
  readonly secure: Readonly<Record<string, unknown>>;
  readonly TCP: { readonly io: new (options: never) => TcpSocket };
}

/** A record with its header; of application data, with what encryption adds. */
export function record(type: number, content: readonly number[]): number[] {
  const bytes = type === APPLICATION_DATA ? [...content, ...new Array<number>(ADDED).fill(0xcc)] : content;
  return [type, 3, 3, bytes.length >> 8, bytes.length & 0xff, ...bytes];
}

/** What a server sends when the client has greeted, and when it has finished. */
export const SERVER_HELLO = record(HANDSHAKE, [2]);
export const SERVER_FINISHED = [...record(CHANGE_CIPHER_SPEC, [1]), ...record(HANDSHAKE, [20])];
export const CLOSE_NOTIFY = record(ALERT, [1, 0]);

/** Content that a server sends. */
export const serverData = (...content: number[]): number[] => record(APPLICATION_DATA, content);

/**
 * Stands in for the device's `embedded:io/socket/tcp/tls`, without cryptography, with the manners of the SDK: it throws out
 * of the callbacks of its TCP socket, and out of timers; it announces one record at a time, the next one by a timer; after
 * an alert in the midst of the handshake it believes that it is ready; and when it is closed its callbacks throw.
 */
export default class TLSSocket {
  /** Every socket made, the latest last. */
  static sockets: TLSSocket[] = [];
  /** Makes the constructor throw, as over a certificate to trust that has expired. */
  static failure: Error | undefined;

  readonly options: Options;
  /** Thrown when the next record has come in. */
  fault: Error | undefined;
  /** How many timers it has made. */
  timers = 0;
  isClosed = false;
  readonly #callbacks: Callbacks;
  #socket: TcpSocket | undefined;
  #hasGreeted = false;
  #isReady = false;
  /** Of the record that is coming in. */
  #incoming: number[] = [];
  /** What is left of the record that is being read. */
  #data: number[] | undefined;
  #timer: Timer | undefined;

  constructor(options: Options) {
    if (TLSSocket.failure !== undefined) throw TLSSocket.failure;
    const { onReadable, onWritable, onError } = options;
    this.options = options;
    this.#callbacks = { ...(onReadable && { onReadable }), ...(onWritable && { onWritable }), ...(onError && { onError }) };
    const parameters = {
      ...options,
      onReadable: (count: number) => this.#onReadable(count),
      onWritable: (count: number) => this.#onWritable(count),
      onError: () => this.#callbacks.onError?.(),
    };
    this.#socket = new options.TCP.io(parameters as never);
    this.#socket.readable = this.#socket.writable = 0;
    TLSSocket.sockets.push(this);
  }

  read(view: Uint8Array): number | undefined {
    const data = this.#data;
    if (data === undefined) return undefined;
    const taken = data.splice(0, view.length);
    view.set(taken);
    if (data.length === 0) this.#finishRecord();
    return taken.length;
  }

  write(view: Uint8Array): number {
    const socket = this.#alive();
    socket.writable = socket.write(Uint8Array.from(record(APPLICATION_DATA, [...view]))) as number;
    return Math.max(0, socket.writable - LESS_OVERHEAD);
  }

  close(): void {
    this.isClosed = true;
    this.#socket?.close();
    if (this.#timer) Timer.clear(this.#timer);
    this.#socket = this.#timer = undefined;
  }

  // The test's side.

  static get latest(): TLSSocket {
    const socket = TLSSocket.sockets.at(-1);
    if (socket === undefined) throw new Error("no TLS socket was made");
    return socket;
  }

  static reset(): void {
    TLSSocket.sockets = [];
    TLSSocket.failure = undefined;
  }

  // Called by the TCP socket.

  #onWritable(count: number): void {
    const socket = this.#alive();
    socket.writable = count;
    if (!this.#hasGreeted) this.#greet(socket);
    else if (this.#isReady && count > OVERHEAD) this.#callbacks.onWritable?.(count - OVERHEAD);
  }

  #onReadable(count: number): void {
    const socket = this.#alive();
    socket.readable = count;
    if (this.#data !== undefined) return;
    if (this.#isReady) this.#readRecord(socket);
    else this.#handshake(socket);
  }

  #greet(socket: TcpSocket): void {
    this.#hasGreeted = true;
    this.#send(socket, record(HANDSHAKE, [1]));
  }

  #handshake(socket: TcpSocket): void {
    while (!this.#isReady) {
      const next = this.#nextRecord(socket);
      if (next === undefined) return;
      const [type, , , , , message] = next;
      if (type === ALERT || (type === HANDSHAKE && message === 20)) this.#ready(socket);
      else if (type === HANDSHAKE) for (const each of [record(HANDSHAKE, [16]), record(CHANGE_CIPHER_SPEC, [1]), record(HANDSHAKE, [20])]) this.#send(socket, each);
    }
    this.#alive(); // goes on with what it may not have any more
  }

  #ready(socket: TcpSocket): void {
    this.#isReady = true;
    this.#onWritable(socket.writable);
  }

  #readRecord(socket: TcpSocket): void {
    const next = this.#nextRecord(socket);
    if (next === undefined) return;
    if (next[0] === ALERT) this.#callbacks.onError?.();
    if (next[0] !== APPLICATION_DATA || next.length === HEADER + ADDED) return;
    this.#data = next.slice(HEADER, -ADDED);
    this.#callbacks.onReadable?.(this.#data.length);
  }

  /** What waits in TCP is not announced again by TCP. */
  #finishRecord(): void {
    this.#data = undefined;
    if (this.#alive().readable === 0 || this.#timer) return;
    this.timers++;
    this.#timer = Timer.set(() => {
      this.#timer = undefined;
      const socket = this.#alive();
      if (socket.readable > 0) this.#onReadable(socket.readable);
    });
  }

  /** The next record, when it is there wholly. */
  #nextRecord(socket: TcpSocket): number[] | undefined {
    this.#fill(socket, HEADER);
    const [, , , high, low] = this.#incoming;
    if (this.#incoming.length >= HEADER) this.#fill(socket, HEADER + high * 256 + low);
    if (this.#incoming.length < HEADER || this.#incoming.length < HEADER + high * 256 + low) return undefined;
    if (this.fault !== undefined) throw this.fault;
    return this.#incoming.splice(0);
  }

  #fill(socket: TcpSocket, end: number): void {
    const count = Math.min(end - this.#incoming.length, socket.readable);
    if (count <= 0) return;
    const view = new Uint8Array(count);
    socket.read(view);
    socket.readable -= count;
    this.#incoming.push(...view);
  }

  #send(socket: TcpSocket, bytes: number[]): void {
    socket.write(Uint8Array.from(bytes));
    socket.writable -= bytes.length;
  }

  #alive(): TcpSocket {
    if (this.#socket === undefined) throw new TypeError("cannot coerce undefined to object");
    return this.#socket;
  }
}
