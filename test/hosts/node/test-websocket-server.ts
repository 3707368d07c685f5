import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createTlsServer, type ServerOptions as TlsOptions } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createWebSocketStream, WebSocketServer, type ServerOptions, type WebSocket } from "ws";
import { listen } from "../../../hosts/start/listen.js";
import { soon } from "../../support/waiting.js";

/** One frame of data. */
export interface Frame {
  readonly bytes: Uint8Array;
  readonly isBinary: boolean;
}

/** One WebSocket, as the server sees it. */
export interface Visitor {
  readonly socket: WebSocket;
  /** The bytes in its frames. Nobody reads them, so the client has to wait after some 16 kB. */
  readonly stream: Duplex;
  /** The frames so far. */
  readonly frames: readonly Frame[];
  /** Resolves with the client's code when the WebSocket is closed. */
  readonly closed: Promise<number>;
  /** What the client asked for. */
  readonly request: IncomingMessage;
}

/** Options of a `TestWebSocketServer`. */
export interface TestWebSocketServerOptions {
  /** With them it speaks TLS only. */
  readonly tls?: TlsOptions;
  /** Options of `ws`. */
  readonly webSocket?: ServerOptions;
}

/** A server of WebSockets on a free port of 127.0.0.1, which agrees to the first subprotocol it is offered. */
export class TestWebSocketServer {
  readonly port: number;
  readonly visitors: Visitor[] = [];
  readonly #server: Server;
  readonly #webSockets: WebSocketServer;
  /** All connections, on TCP. */
  readonly #sockets: Socket[] = [];

  private constructor(server: Server, webSockets: WebSocketServer, port: number) {
    this.#server = server;
    this.#webSockets = webSockets;
    this.port = port;
    server.on("connection", (socket: Socket) => {
      socket.on("error", () => undefined);
      this.#sockets.push(socket);
    });
    webSockets.on("connection", (socket, request) => {
      const stream = createWebSocketStream(socket);
      stream.on("error", () => undefined);
      const frames: Frame[] = [];
      socket.on("message", (data, isBinary) => frames.push({ bytes: data as Buffer, isBinary }));
      const closed = new Promise<number>((resolve) => socket.once("close", resolve));
      this.visitors.push({ socket, stream, request, frames, closed });
    });
  }

  static async start({ tls, webSocket }: TestWebSocketServerOptions = {}): Promise<TestWebSocketServer> {
    const server = tls === undefined ? createServer() : createTlsServer(tls);
    server.on("tlsClientError", () => undefined);
    const webSockets = new WebSocketServer({ server, ...webSocket });
    return new TestWebSocketServer(server, webSockets, await listen(server));
  }

  /** The latest WebSocket, when there is one. */
  async visitor(): Promise<Visitor> {
    const latest = (): Visitor => {
      const visitor = this.visitors.at(-1);
      if (visitor === undefined) throw new Error("nobody has connected");
      return visitor;
    };
    return await soon(latest);
  }

  /** The bytes of the latest WebSocket, when there is one. */
  async connection(): Promise<Duplex> {
    return (await this.visitor()).stream;
  }

  /** Has `change` change the headers of its answers. */
  onHeaders(change: (headers: string[]) => void): void {
    this.#webSockets.on("headers", change);
  }

  /** Cuts the latest connection without a farewell. */
  reset(): void {
    this.#sockets.at(-1)?.resetAndDestroy();
  }

  /** Hangs up on everyone who connects from now on. */
  hangUp(): void {
    this.#webSockets.on("connection", (socket) => {
      socket.close();
    });
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
