import { createServer, type Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { Aedes, type AedesOptions } from "aedes";
import { listen } from "../../hosts/start/listen.js";

/** Options of an `AedesBroker`. */
export interface AedesBrokerOptions {
  /** Aedes' own options, such as `authenticate`. */
  readonly aedes?: AedesOptions;
  /** PEM; with it the broker speaks TLS only. */
  readonly tls?: { readonly cert: string; readonly key: string };
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

  private constructor(aedes: Aedes, server: Server, port: number) {
    this.aedes = aedes;
    this.#server = server;
    this.port = port;
  }

  /** Resolves when the broker accepts connections. */
  static async start(options: AedesBrokerOptions = {}): Promise<AedesBroker> {
    const aedes = await Aedes.createBroker(options.aedes);
    const server =
      options.tls === undefined ? createServer(aedes.handle) : createTlsServer(options.tls, (socket) => aedes.handle(socket));
    return new AedesBroker(aedes, server, await listen(server, options.port));
  }

  /** Closes every connection and the port. */
  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.aedes.close(resolve);
    });
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
