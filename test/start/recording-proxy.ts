import { connect, createServer, type Server } from "node:net";
import { listen } from "../../hosts/start/listen.js";
import { freePort } from "../support/free-port.js";
import { concat, parsePackets, type ClientPacket } from "../support/packets.js";

/** Passes connections on to a broker, and keeps what the clients sent. */
export class RecordingProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #recordings: Uint8Array[][] = [];

  private constructor(port: number, target: number) {
    this.port = port;
    this.#server = createServer((client) => {
      const recording: Uint8Array[] = [];
      this.#recordings.push(recording);
      client.on("data", (bytes) => recording.push(Uint8Array.from(bytes as Buffer)));
      const broker = connect(target, "127.0.0.1");
      client.pipe(broker).pipe(client);
      for (const socket of [client, broker]) socket.on("error", () => socket.destroy());
    });
  }

  /** Resolves when it listens. */
  static async start(target: number): Promise<RecordingProxy> {
    const proxy = new RecordingProxy(await freePort(), target);
    await listen(proxy.#server, proxy.port);
    return proxy;
  }

  /** What the clients sent, a connection each. */
  get recordings(): readonly Uint8Array[] {
    return this.#recordings.map((recording) => concat(...recording));
  }

  /** The packets, of MQTT 3.1.1, of the first connection whose client identifier matches. */
  packetsOf(clientId: RegExp): ClientPacket[] {
    const all = this.recordings.map((recording) => parsePackets(recording));
    return all.find((packets) => packets.some((packet) => packet.type === "CONNECT" && clientId.test(packet.clientId))) ?? [];
  }

  /** Listens no more. */
  async stop(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
