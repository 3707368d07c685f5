import { createServer, type Server } from "node:net";
import { Aedes } from "aedes";
import type { BrokerAddress } from "./broker-address.js";
import { listen } from "./listen.js";
import type { Broker } from "./broker.js";

/** A broker of MQTT 3.1.1 in this process, on a free port of the loopback interface. */
export class EmbeddedBroker implements Broker {
  readonly address: BrokerAddress;
  readonly name: string;
  readonly #aedes: Aedes;
  readonly #server: Server;

  private constructor(aedes: Aedes, server: Server, port: number) {
    this.address = { protocol: "mqtt", host: "127.0.0.1", port };
    this.name = `its own broker on port ${port}`;
    this.#aedes = aedes;
    this.#server = server;
  }

  /** Resolves when it accepts connections. */
  static async start(): Promise<EmbeddedBroker> {
    const aedes = await Aedes.createBroker();
    const server = createServer({ noDelay: true }, aedes.handle);
    const port = await listen(server);
    return new EmbeddedBroker(aedes, server, port);
  }

  /** Ends all connections and gives the port back. */
  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#aedes.close(resolve));
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
