import type { Duplex } from "node:stream";
import { MqttError, type Transport, type TransportListener } from "mqtt-xs";
import { socketError, type Progress } from "./socket-error.js";

/** Milliseconds after `close` in which what was written may still be sent. */
const LINGER = 2000;

/** The largest packet that MQTT knows, in bytes. */
export const LARGEST_PACKET = 268_435_460;

/** A socket of Node, or a stream that behaves like one. */
export interface NodeStream extends Duplex {
  /** Why the stream ended; undefined when the other end closed it. Sockets fail with an event instead. */
  readonly failure?: MqttError | undefined;
}

/** One socket, from `open` until it is closed; and whom to tell. */
interface Connection {
  readonly socket: NodeStream;
  readonly listener: TransportListener;
  readonly onReadable: () => void;
  progress: Progress;
  /** Whether the owner waits for `onWritable`. */
  isBlocked: boolean;
}

/** What Node's sockets for TCP, for TLS and for WebSockets have in common as a `Transport`. */
export abstract class SocketTransport implements Transport {
  /** Node keeps what the system does not take yet, so there is no other limit. */
  readonly writeLimit = LARGEST_PACKET;

  readonly #place: string;
  #connection: Connection | undefined;

  /** @param place where to, for messages: without credentials */
  constructor(place: string) {
    this.#place = place;
  }

  /** Makes a socket that starts to connect. */
  protected abstract connect(): NodeStream;

  /** The event of the socket after which bytes may be written. */
  protected abstract readonly openEvent: "connect" | "secureConnect" | "open";

  open(listener: TransportListener): void {
    const socket = this.connect();
    const connection: Connection = {
      socket,
      listener,
      onReadable: () => {
        this.#readable(connection);
      },
      progress: "connecting",
      isBlocked: false,
    };
    this.#connection = connection;
    socket.on("readable", connection.onReadable);
    socket.once("connect", () => {
      connection.progress = "securing";
    });
    socket.once(this.openEvent, () => {
      this.#opened(connection);
    });
    socket.on("drain", () => {
      this.#drained(connection);
    });
    socket.once("end", () => {
      this.#ended(connection, socket.failure);
    });
    socket.once("close", () => {
      this.#ended(connection, socket.failure);
    });
    socket.on("error", (error) => {
      this.#ended(connection, error);
    });
  }

  read(target: Uint8Array, start: number, end: number): number {
    const socket = this.#connection?.socket;
    if (socket === undefined) return 0;
    let at = start;
    while (at < end) {
      // When nothing waits any more, the socket has to be asked once more, or it tells of nothing else, nor of its end.
      const bytes = socket.read(Math.min(socket.readableLength, end - at)) as Uint8Array | null;
      if (bytes === null) break;
      target.set(bytes, at);
      at += bytes.length;
    }
    return at - start;
  }

  write(source: Uint8Array, length: number): boolean {
    const connection = this.#connection;
    if (connection?.progress !== "open") return false;
    connection.isBlocked = connection.socket.writableNeedDrain;
    if (connection.isBlocked || !connection.socket.writable) return false;
    connection.socket.write(source.slice(0, length));
    return true;
  }

  close(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    this.#connection = undefined;
    if (connection.progress === "open") finish(connection);
    else connection.socket.destroy();
  }

  #opened(connection: Connection): void {
    if (this.#connection !== connection) return;
    connection.progress = "open";
    connection.listener.onOpen();
    this.#readable(connection);
  }

  #readable(connection: Connection): void {
    if (this.#connection !== connection || connection.progress !== "open") return;
    if (connection.socket.readableLength > 0) connection.listener.onReadable();
    // At the end of the stream, this makes the socket say so.
    else connection.socket.read(0);
  }

  #drained(connection: Connection): void {
    if (this.#connection !== connection || !connection.isBlocked) return;
    connection.isBlocked = false;
    connection.listener.onWritable();
  }

  #ended(connection: Connection, failure: Error | undefined): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    connection.socket.destroy();
    const isNamed = failure instanceof MqttError;
    connection.listener.onClose(isNamed ? failure : socketError(failure, connection.progress, this.#place));
  }
}

/** Sends what was written, then closes; what still comes in is dropped, or the end would never be seen. */
function finish({ socket, onReadable }: Connection): void {
  socket.off("readable", onReadable);
  socket.resume();
  socket.end();
  const timeout = setTimeout(() => {
    socket.destroy();
  }, LINGER);
  timeout.unref();
  socket.once("close", () => {
    clearTimeout(timeout);
  });
}
