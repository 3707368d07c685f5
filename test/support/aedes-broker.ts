import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { Aedes, type AedesOptions } from "aedes";
import { createWebSocketStream, WebSocketServer } from "ws";
import { listen } from "../../hosts/start/listen.js";

/** Options of an `AedesBroker`. */
export interface AedesBrokerOptions {
  /** Aedes' own options, such as `authenticate`. */
  readonly aedes?: AedesOptions;
  /** PEM; with it the broker speaks TLS only. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** With it the broker speaks WebSockets only, at this path. */
  readonly webSocketPath?: string;
  /** A free one unless given. */
  readonly port?: number;
}

/** The Aedes broker in this process, on a port of 127.0.0.1. */
export class AedesBroker {
  readonly host = "127.0.0.1";
  readonly port: number;
  /** Aedes itself, for its events and its `publish`. */
  readonly aedes: Aedes;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(aedes: Aedes, server: Server, port: number) {
    this.aedes = aedes;
    this.#server = server;
    this.port = port;
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  /** Resolves when the broker accepts connections. */
  static async start(options: AedesBrokerOptions = {}): Promise<AedesBroker> {
    const aedes = await Aedes.createBroker(options.aedes);
    const server = options.webSocketPath === undefined ? socketServer(aedes, options) : webSocketServer(aedes, options);
    return new AedesBroker(aedes, server, await listen(server, options.port));
  }

  /** Closes every connection and the port. */
  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.aedes.close(resolve);
    });
    for (const socket of this.#sockets) socket.destroy(); // of WebSockets, Aedes ends the stream only
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function socketServer(aedes: Aedes, { tls }: AedesBrokerOptions): Server {
  return tls === undefined ? createServer(aedes.handle) : createTlsServer(tls, (socket) => aedes.handle(socket));
}

function webSocketServer(aedes: Aedes, { tls, webSocketPath: path }: AedesBrokerOptions): Server {
  const server = tls === undefined ? createHttpServer() : createHttpsServer(tls);
  const webSockets = new WebSocketServer({ server, ...(path === undefined ? {} : { path }) });
  webSockets.on("connection", (socket) => aedes.handle(createWebSocketStream(socket)));
  return server;
}
