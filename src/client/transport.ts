import type { MqttError } from "../errors.js";
import type { ByteStream } from "../session/byte-stream.js";

/** What a `Transport` tells its owner. The owner creates it once; a transport keeps only the latest. */
export interface TransportListener {
  /** The stream is open: bytes may be written. Called once per `open`, before anything else. */
  onOpen(): void;
  /** Bytes came in: call `read` until it returns less than asked for, now or later. Not repeated for bytes left unread. */
  onReadable(): void;
  /** A `write` that returned false may succeed now. */
  onWritable(): void;
  /** The stream failed, was refused, or ended. Called once, after all that was received has been offered. */
  onClose(error: MqttError): void;
}

/**
 * An ordered, lossless, two-way stream of bytes (MQTT 3.1.1, 4.2) that can be opened again and again.
 *
 * Nothing but `open` may allocate, where the platform allows that. No method calls the listener before it returns,
 * so that owners need not be re-entrant; no method but `open` throws.
 */
export interface Transport extends ByteStream {
  /** The most bytes that one `write` can ever take. A client's `packetSize` may not exceed it. */
  readonly writeLimit: number;

  /** Starts to connect; the outcome comes as `onOpen` or `onClose`. Only called when closed. */
  open(listener: TransportListener): void;

  /** Closes in order: what was written is sent first. No callback follows. Harmless when closed already. */
  close(): void;
}
