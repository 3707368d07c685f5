import type { Transport, TransportListener } from "../client/transport.js";
import { MqttError } from "../errors.js";
import { resizableBytes } from "../session/resizable-bytes.js";
import { decodeUtf8, encodeUtf8 } from "../wire/utf8.js";
import { base64 } from "../wire/base64.js";
import {
  BINARY,
  CLOSE,
  CONTROL_LIMIT,
  FINAL,
  frameFault,
  HEADER_LIMIT,
  headerSize,
  isControl,
  MASKED,
  opcodeOf,
  payloadSize,
  PING,
  PONG,
  TWO_BYTES,
} from "./frame.js";
import { checkResponse, refused, requestText } from "./handshake.js";
import { checkOptions, type WebSocketTransportOptions } from "./options.js";

/** Bytes before the payload of a frame that we send: header and mask, with a short length and with a long one. */
const SHORT = 6;
const LONG = 8;
/** The longest answer to the request that is taken. */
const RESPONSE_LIMIT = 2_048;
const KEY_SIZE = 16;
// Why a WebSocket is closed (RFC 6455, 7.4.1).
const NORMAL_CLOSURE = 1000;
const PROTOCOL_ERROR = 1002;

/** How far a connection has come. */
const CLOSED = 0;
const OPENING = 1;
const UPGRADING = 2; // the request is out
const OPEN = 3;

/**
 * MQTT over WebSocket (MQTT 3.1.1, 6; RFC 6455), over any other transport and on any platform.
 *
 * `open` allocates the request, the answer to it, and what checking it takes, which goes again; reading and writing
 * allocate nothing. The constructor throws `ERR_ARGUMENT`. `onClose` gets `ERR_WEBSOCKET_UPGRADE` (with the HTTP status as
 * its `reasonCode`), `ERR_WEBSOCKET_SUBPROTOCOL`, `ERR_WEBSOCKET` for frames that break the rules, and what the transport
 * beneath gives.
 */
export class WebSocketTransport implements Transport, TransportListener {
  readonly writeLimit: number;
  // The `#` keeps headers, which may hold credentials, out of what debuggers and consoles print.
  readonly #options: Required<WebSocketTransportOptions>;
  private readonly transport: Transport;
  private listener: TransportListener | undefined;
  private state = CLOSED;
  /** What broke the connection, until it can be told: not while the owner reads. */
  private failure: MqttError | undefined;
  private key = "";
  /** As much of the request as has not been sent; there are headers in it, too. */
  #request: Uint8Array | undefined;
  private response: Uint8Array | undefined;
  private responseLength = 0;
  /** The frame that goes out next, and the same by words, to mask them four bytes at a time. */
  private readonly frame: Uint8Array;
  private readonly words: Int32Array;
  /** The header of the frame that comes in; how much of it has; and how much of the payload behind it has not. */
  private readonly header = resizableBytes(HEADER_LIMIT);
  private headerLength = 0;
  private left = 0;
  /** Whether the frames so far are not all of a message. */
  private isHalfway = false;
  /** A control frame that came in, from `SHORT` on; then the answer to it, of this length, until it has been sent. */
  private readonly control = resizableBytes(SHORT + CONTROL_LIMIT);
  private controlLength = 0;

  constructor(options: WebSocketTransportOptions) {
    this.#options = checkOptions(options);
    const { transport, packetSize } = this.#options;
    this.transport = transport;
    this.writeLimit = Math.min(packetSize, transport.writeLimit - LONG);
    this.frame = resizableBytes((packetSize + LONG + 3) & ~3); // whole words
    this.words = new Int32Array(this.frame.buffer);
  }

  open(listener: TransportListener): void {
    this.listener = listener;
    this.state = OPENING;
    this.transport.open(this);
  }

  /** Bytes of payload go right where they are wanted; only headers and control frames go through buffers of our own. */
  read(target: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && this.state === OPEN) {
      if (this.left === 0 && !this.nextFrame()) break;
      if (isControl(opcodeOf(this.header))) {
        if (!this.readControl()) break;
      } else if (this.left > 0) {
        const wanted = Math.min(end - at, this.left);
        const count = this.transport.read(target, at, at + wanted);
        this.left -= count;
        at += count;
        if (count < wanted) break;
      }
    }
    return at - start;
  }

  write(source: Uint8Array, length: number): boolean {
    if (this.state !== OPEN || !this.sendControl()) return false;
    const { frame, words } = this;
    const isShort = length < TWO_BYTES;
    const start = isShort ? SHORT : LONG;
    const key = (this.#options.random() * 2 ** 32) | 0;
    // The mask lies right before the payload, where bytes 4 to 7 are a word; in a short frame it has its halves swapped, so
    // that from byte 8 on the payload is masked by the same word in both.
    words[1] = key;
    if (isShort) frame.copyWithin(2, 6, 8);
    const buffer = source.buffer as ArrayBuffer;
    buffer.resize(length);
    frame.set(source, start);
    buffer.resize(buffer.maxByteLength);
    frame[0] = FINAL | BINARY;
    if (isShort) {
      frame[1] = MASKED | length;
      frame[6] ^= frame[2];
      frame[7] ^= frame[3];
    } else {
      frame[1] = MASKED | TWO_BYTES;
      frame[2] = length >> 8;
      frame[3] = length;
    }
    const end = start + length;
    for (let at = 2; at * 4 < end; at++) words[at] ^= key;
    return this.transport.write(frame, end);
  }

  close(): void {
    if (this.state === OPEN && this.sendControl()) this.sendClose(NORMAL_CLOSURE);
    this.end();
    this.transport.close();
  }

  private end(): void {
    this.listener = this.failure = this.#request = this.response = undefined;
    this.state = CLOSED;
    this.left = this.headerLength = this.controlLength = 0;
    this.isHalfway = false;
  }

  // ---- the transport beneath ---------------------------------------------------------------------------------------

  onOpen(): void {
    const { path, host, headers, random } = this.#options;
    const bytes = Uint8Array.from({ length: KEY_SIZE }, () => random() * 256);
    this.key = base64(bytes);
    this.#request = encodeUtf8(requestText({ path, host, headers, key: this.key })); // checked to be text
    this.response = new Uint8Array(RESPONSE_LIMIT);
    this.responseLength = 0;
    this.state = UPGRADING;
    this.sendRequest();
  }

  /** In as many pieces as the transport beneath wants. */
  private sendRequest(): void {
    let request = this.#request;
    while (request) {
      const length = Math.min(request.length, this.writeLimit + LONG);
      this.frame.set(request.subarray(0, length));
      const isSent = this.transport.write(this.frame, length);
      this.frame.fill(0); // consoles show it
      if (!isSent) return;
      this.#request = request = length < request.length ? request.subarray(length) : undefined;
    }
  }

  onReadable(): void {
    if (this.state === UPGRADING) this.readResponse();
    if (this.state === OPEN) this.listener?.onReadable();
    this.tellFailure();
  }

  onWritable(): void {
    if (this.state === UPGRADING) this.sendRequest();
    else if (this.sendControl()) this.listener?.onWritable();
    this.tellFailure();
  }

  onClose(error: MqttError): void {
    const { listener, failure } = this;
    this.end();
    listener?.onClose(failure ?? error);
  }

  private tellFailure(): void {
    if (!this.failure) return;
    this.transport.close();
    this.onClose(this.failure);
  }

  // ---- the handshake -----------------------------------------------------------------------------------------------

  /** Byte by byte, so as to leave what stands behind it where it is. */
  private readResponse(): void {
    const one = this.header;
    while (this.state === UPGRADING && !this.failure && this.transport.read(one, 0, 1) > 0) this.takeByte(one[0]);
  }

  private takeByte(byte: number): void {
    const response = this.response as Uint8Array; // there is one while upgrading
    response[this.responseLength++] = byte;
    const length = this.responseLength;
    const isEnd = byte === 0x0a && decodeUtf8(response, Math.max(0, length - 4), length) === "\r\n\r\n";
    if (isEnd) this.upgraded(decodeUtf8(response, 0, length - 4));
    else if (length === RESPONSE_LIMIT) this.failure = refused(`an answer of more than ${RESPONSE_LIMIT} bytes`, 0);
  }

  private upgraded(response: string): void {
    this.failure = this.#request ? refused("an answer ahead of the request's end", 0) : checkResponse(response, this.key);
    this.response = undefined;
    if (this.failure) return;
    this.state = OPEN;
    this.listener?.onOpen();
  }

  // ---- frames ------------------------------------------------------------------------------------------------------

  /** Reads up to the payload of the next frame. Returns false when it has not come in, or is wrong. */
  private nextFrame(): boolean {
    const { header } = this;
    let size = headerSize(header, this.headerLength);
    while (this.headerLength < size) {
      const count = this.transport.read(header, this.headerLength, size);
      if (count === 0) return false;
      this.headerLength += count;
      size = headerSize(header, this.headerLength);
    }
    const fault = frameFault(header, size, this.isHalfway);
    if (fault !== undefined) {
      this.sendClose(PROTOCOL_ERROR);
      return this.fail(new MqttError("ERR_WEBSOCKET", `WebSocket: ${fault}`, "server"));
    }
    this.headerLength = 0;
    this.left = payloadSize(header, size);
    if (!isControl(opcodeOf(header))) this.isHalfway = (header[0] & FINAL) === 0;
    return true;
  }

  /**
   * Told once the owner is done with reading: at the end of this callback of the transport beneath, or, where the owner
   * reads by itself, as a promise's job, since a server need not send anything any more.
   */
  private fail(error: MqttError): false {
    this.failure ??= error;
    this.state = CLOSED;
    void Promise.resolve().then(() => this.tellFailure());
    return false;
  }

  /** Reads the payload of a control frame, and answers it. Returns false when it has not come in, or was the last. */
  private readControl(): boolean {
    const opcode = opcodeOf(this.header);
    if (opcode === PONG) return this.skipPong();
    const size = payloadSize(this.header, 2);
    const end = SHORT + size;
    this.controlLength = 0; // an answer that has not left yet gives way to the latest (5.5.3)
    if (this.left > 0) this.left -= this.transport.read(this.control, end - this.left, end);
    if (this.left > 0) return false;
    if (opcode === PING) this.answer(PONG, size);
    if (opcode !== CLOSE) return true;
    const code = size >= 2 ? (this.control[SHORT] << 8) | this.control[SHORT + 1] : 0;
    this.answer(CLOSE, size);
    return this.fail(new MqttError("ERR_CONNECTION_CLOSED", `the server closed the WebSocket, with code ${code}`, "network"));
  }

  /** Reads over the payload of a pong: what is in `control` may still have to leave. */
  private skipPong(): boolean {
    const { header } = this;
    while (this.left > 0) {
      const count = this.transport.read(header, 2, Math.min(2 + this.left, HEADER_LIMIT));
      if (count === 0) return false;
      this.left -= count;
    }
    return true;
  }

  private sendClose(code: number): void {
    this.control[SHORT] = code >> 8;
    this.control[SHORT + 1] = code;
    this.answer(CLOSE, 2);
  }

  /** Answers with the payload that is in `control`, now or as soon as there is room. */
  private answer(opcode: number, size: number): void {
    const { control } = this;
    control[0] = FINAL | opcode;
    control[1] = MASKED | size;
    for (let at = 2; at < SHORT; at++) control[at] = this.#options.random() * 256;
    for (let at = 0; at < size; at++) control[SHORT + at] ^= control[2 + (at & 3)];
    this.controlLength = SHORT + size;
    this.sendControl();
  }

  /** Returns false when there is an answer that has no room. */
  private sendControl(): boolean {
    if (this.controlLength > 0 && this.transport.write(this.control, this.controlLength)) this.controlLength = 0;
    return this.controlLength === 0;
  }
}
