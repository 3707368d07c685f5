import type { ClientRequest } from "node:http";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { MqttError } from "mqtt-xs";
import { WebSocket, type ClientOptions } from "ws";
import { LARGEST_PACKET, type NodeStream } from "./socket-transport.js";
import { socketError, type Progress } from "./socket-error.js";
import { brokenFrame, closedWith, webSocketError } from "./websocket-error.js";

/** The subprotocol of MQTT in a WebSocket (MQTT 3.1.1, 6.0). */
const SUBPROTOCOL = "mqtt";

/** Bytes that may wait in either direction before the other side has to. One frame may come on top. */
const HIGH_WATER_MARK = 65_536;

/** What a server is told that sends text (RFC 6455, 7.4.1). */
const UNSUPPORTED_DATA = 1003;

/** Codes that say no more than that the server has closed: in order, without a code, without a close frame. */
const SAYING_NOTHING: readonly number[] = [1000, 1005, 1006];

/**
 * The bytes in the binary frames of a WebSocket, as a stream that behaves like a socket of Node, with the event "open"
 * instead of "connect". What goes wrong before that comes as "error". What goes wrong later ends the stream behind the
 * bytes that were received, and is its `failure`.
 */
export class WebSocketStream extends Duplex implements NodeStream {
  readonly #place: string;
  readonly #socket: WebSocket;
  #progress: Progress = "connecting";
  /** Of the server's answer to the handshake; 0 before it. */
  #httpStatus = 0;
  #failure: MqttError | undefined;
  #isOver = false;

  /**
   * Starts to connect.
   *
   * @param place where to, for messages: without credentials.
   */
  constructor(url: URL, options: ClientOptions, place: string) {
    super({ highWaterMark: HIGH_WATER_MARK });
    this.#place = place;
    this.#socket = new WebSocket(url, SUBPROTOCOL, {
      ...options,
      perMessageDeflate: false,
      maxPayload: LARGEST_PACKET,
      finishRequest: (request) => {
        this.#watch(request, url.protocol === "wss:");
      },
    });
    this.#listen();
  }

  get failure(): MqttError | undefined {
    return this.#failure;
  }

  override _read(): void {
    if (this.#socket.isPaused) this.#socket.resume();
  }

  /** What cannot be sent any more is dropped: the end of the connection is on its way, behind bytes that are to be read. */
  override _write(bytes: Uint8Array, _encoding: string, done: () => void): void {
    if (this.#socket.readyState !== WebSocket.OPEN) done();
    else
      this.#socket.send(bytes, { binary: true }, () => {
        done();
      });
  }

  override _final(done: () => void): void {
    this.#socket.close();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#isOver = true;
    this.#socket.terminate();
    done(error);
  }

  /** Only the request knows how far the connection is, and only its socket says how it was lost. */
  #watch(request: ClientRequest, isSecure: boolean): void {
    request.once("socket", (socket: Socket) => {
      socket.once("connect", () => {
        this.#progress = isSecure ? "securing" : "upgrading";
      });
      socket.once("secureConnect", () => {
        this.#progress = "upgrading";
      });
      socket.once("error", (error) => {
        if (this.#progress === "open") this.#failure ??= socketError(error, "open", this.#place);
      });
    });
    request.end();
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on("upgrade", ({ statusCode = 0 }) => {
      this.#httpStatus = statusCode;
    });
    socket.on("unexpected-response", (_request, { statusCode = 0 }) => {
      this.#httpStatus = statusCode;
      socket.terminate();
    });
    socket.on("open", () => {
      this.#progress = "open";
      this.emit("open");
    });
    socket.on("message", (data, isBinary) => {
      this.#receive(data as Buffer, isBinary);
    });
    socket.on("error", (error) => {
      this.#fail(webSocketError(error, this.#progress, this.#httpStatus, this.#place));
    });
    socket.on("close", (code) => {
      if (!SAYING_NOTHING.includes(code)) this.#failure ??= closedWith(code, this.#place);
      this.#end();
    });
  }

  #receive(bytes: Buffer, isBinary: boolean): void {
    if (this.#isOver) return;
    if (!isBinary) {
      this.#socket.close(UNSUPPORTED_DATA);
      this.#fail(brokenFrame("a text frame came in, and MQTT is in binary ones", this.#place));
    } else if (!this.push(bytes)) this.#socket.pause();
  }

  #fail(error: MqttError): void {
    this.#failure ??= error;
    if (this.#progress === "open") this.#end();
    else this.destroy(error);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.push(null);
  }
}
