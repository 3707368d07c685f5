import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer, Server as TlsServer, type TlsOptions } from "node:tls";
import { listen } from "../../../hosts/start/listen.js";
import { soon } from "../../support/waiting.js";

/** A server on a free port of 127.0.0.1 that remembers what it gets. */
export class TestServer {
  readonly port: number;
  /** The connections so far; with TLS, once they are secure. */
  readonly sockets: Socket[] = [];
  /** The same without TLS. */
  readonly #plainSockets: Socket[] = [];
  readonly #server: Server;
  readonly #openEvent: string;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
    server.on("connection", (socket: Socket) => this.#plainSockets.push(socket));
    this.#openEvent = server instanceof TlsServer ? "secureConnection" : "connection";
    server.on(this.#openEvent, (socket: Socket) => {
      socket.on("error", () => undefined);
      this.sockets.push(socket);
    });
  }

  static async start(tls?: TlsOptions): Promise<TestServer> {
    // Half-open, so that a test sees the client's FIN before its own side is closed.
    const server = tls === undefined ? createServer({ allowHalfOpen: true }) : createTlsServer(tls);
    server.on("tlsClientError", () => undefined);
    return new TestServer(server, await listen(server));
  }

  /** The latest connection, when there is one. */
  async connection(): Promise<Socket> {
    return await soon(() => {
      const socket = this.sockets.at(-1);
      if (socket === undefined) throw new Error("nobody has connected");
      return socket;
    });
  }

  /** Cuts the latest connection without a farewell. */
  reset(): void {
    this.#plainSockets.at(-1)?.resetAndDestroy();
  }

  /** Hangs up on everyone who connects from now on. */
  hangUp(): void {
    this.#server.on(this.#openEvent, (socket: Socket) => setTimeout(() => socket.destroy(), 20));
  }

  async stop(): Promise<void> {
    for (const socket of this.#plainSockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Everything that comes from `socket` until its end. */
export async function received(socket: Duplex): Promise<Buffer> {
  const pieces: Buffer[] = [];
  socket.on("data", (piece: Buffer) => pieces.push(piece));
  await new Promise((resolve) => socket.once("end", resolve));
  return Buffer.concat(pieces);
}
