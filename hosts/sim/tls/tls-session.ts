import Session from "openssl";
import type { SecureOptions } from "./options.js";
import { FINE } from "./outcome.js";
import { encodeProtocols } from "./protocols.js";
import { RecordBuffer } from "./record-buffer.js";
import { HEADER, lengthOf, RecordReader } from "./record-reader.js";
import type { TcpSocket } from "./tcp.js";
import { errorFor, TlsError } from "./tls-error.js";

/** Types of records. */
const CHANGE_CIPHER_SPEC = 20;
const ALERT = 21;
const APPLICATION_DATA = 23;

const CLOSE_NOTIFY = 0;

const VERSION = 0x303;

/** The most that goes into one record. */
const MAXIMUM = 16_384;

/** What the SDK takes off the room that is left after writing. */
const OVERHEAD = 32;

export interface WriteOptions {
  /** Keep this for the same record as what follows. */
  more?: boolean | undefined;
  /** Bytes that come in all. */
  byteLength?: number | undefined;
}

/**
 * TLS as the SDK does it, with its mistakes: after an alert that comes instead of a handshake it believes that the
 * handshake is done, and what is written before or without one goes out as it is.
 */
export class TlsSession {
  readonly #secure: SecureOptions;
  readonly #session: Session;
  readonly #reader = new RecordReader();
  #buffer: RecordBuffer | undefined;
  #hasGreeted = false;

  /** @throws Error for a CA's certificate that is none, or has expired. */
  constructor(secure: SecureOptions) {
    const { serverName = "", verify = true, certificate, clientCertificates = [], clientKey } = secure;
    this.#secure = secure;
    this.#session = new Session(serverName, verify);
    if (certificate) this.#check(this.#session.trust(certificate));
    for (const each of clientCertificates) this.#check(this.#session.present(each));
    if (clientKey) this.#check(this.#session.unlock(clientKey));
  }

  /**
   * Does one step of the handshake: sends what is due, or takes one record.
   * @returns whether the handshake is done, or is believed to be
   */
  handshake(socket: TcpSocket): boolean {
    if (!this.#hasGreeted) this.#greet(socket);
    else if (this.#session.pending > 0) this.#sendPending(socket);
    else if (this.#session.ready) return true;
    else this.#receive(socket);
    return this.#answerAlert(socket);
  }

  /** The next record of application data; `undefined` when there is none yet, `null` after an alert. */
  read(socket: TcpSocket): Uint8Array | null | undefined {
    while (socket.readable > 0) {
      const record = this.#receive(socket);
      if (!record) return undefined;
      if (this.#session.alert >= 0) return null;
      if (record[0] === APPLICATION_DATA) return this.#decrypted(record);
    }
    return undefined;
  }

  /** @returns the room left, NaN when TCP has failed. */
  write(socket: TcpSocket, bytes: Uint8Array, options?: WriteOptions): number {
    if (options?.more) {
      const buffer = (this.#buffer ??= new RecordBuffer(options.byteLength));
      buffer.add(bytes);
      return Math.max(0, socket.writable - buffer.length - OVERHEAD);
    }
    const record = this.#record(this.#withKept(bytes));
    socket.writable = socket.write(record) as number; // or undefined, of which NaN comes
    return Math.max(0, socket.writable - OVERHEAD);
  }

  #withKept(bytes: Uint8Array): Uint8Array {
    const buffer = this.#buffer;
    if (!buffer) return bytes;
    buffer.add(bytes);
    this.#buffer = undefined;
    return buffer.take();
  }

  #record(bytes: Uint8Array): Uint8Array {
    if (bytes.length > MAXIMUM) throw new Error("too large");
    if (!this.#session.ready) return plainRecord(APPLICATION_DATA, bytes);
    this.#session.write(bytes);
    return this.#takePending();
  }

  #greet(socket: TcpSocket): void {
    const secure = this.#secure;
    if (secure.serverName === undefined) throw new TypeError("cannot coerce undefined to object");
    if ("applicationLayerProtocolNegotiation" in secure)
      this.#check(this.#session.offer(encodeProtocols(secure.applicationLayerProtocolNegotiation ?? "")));
    this.#check(this.#session.handshake());
    this.#sendPending(socket);
    this.#hasGreeted = true;
  }

  /** Takes one record, when it is there. */
  #receive(socket: TcpSocket): Uint8Array | undefined {
    const record = this.#reader.next(socket);
    if (!record) return undefined;
    if (record[0] < CHANGE_CIPHER_SPEC || record[0] > APPLICATION_DATA) throw new TlsError("recordProtocol: bad data");
    this.#check(this.#session.feed(record));
    return record;
  }

  /** The record's own memory is large enough for what was in it. */
  #decrypted(record: Uint8Array): Uint8Array {
    return record.subarray(0, this.#session.read(record));
  }

  #answerAlert(socket: TcpSocket): boolean {
    const alert = this.#session.alert;
    if (alert < 0) return false;
    const description = alert & 0xff;
    if (description !== CLOSE_NOTIFY) this.#send(plainRecord(ALERT, Uint8Array.of(alert >> 8, description)), socket);
    return true;
  }

  #takePending(): Uint8Array {
    const bytes = new Uint8Array(this.#session.pending);
    this.#session.take(bytes);
    return bytes;
  }

  /** One record at a time, as the SDK: who stands between can tell their types. */
  #sendPending(socket: TcpSocket): void {
    const bytes = this.#takePending();
    for (let start = 0, end = 0; start < bytes.length; start = end) {
      end = start + HEADER + lengthOf(bytes, start);
      this.#send(bytes.subarray(start, end), socket);
    }
  }

  #send(bytes: Uint8Array, socket: TcpSocket): void {
    socket.write(bytes);
    socket.writable -= bytes.length;
  }

  #check(outcome: number): void {
    if (outcome !== FINE) throw errorFor(outcome, this.#session.alert, this.#session.reason);
  }
}

/** A record that is not encrypted. */
function plainRecord(type: number, bytes: Uint8Array): Uint8Array {
  const record = new Uint8Array(HEADER + bytes.length);
  record.set([type, VERSION >> 8, VERSION & 0xff, bytes.length >> 8, bytes.length & 0xff]);
  record.set(bytes, HEADER);
  return record;
}
