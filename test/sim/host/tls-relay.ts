import { connect, type Socket } from "node:net";
import { serveTcp } from "./tls.js";

/** What passes between a client and a server, to look at or to spoil. */
export interface Relay {
  readonly port: number;
  /** Each piece that the client sent. */
  readonly sent: readonly Buffer[];
}

/** Stands between clients and the server at `port`. `change` gets what the server sends, and may change or destroy it. */
export async function relay(port: number, change: (data: Buffer, client: Socket) => Buffer = (data) => data): Promise<Relay> {
  const sent: Buffer[] = [];
  const own = await serveTcp((client) => {
    const server = connect(port, "127.0.0.1");
    server.on("error", () => {});
    server.on("data", (data) => client.write(change(data, client))).on("end", () => client.end());
    client.on("data", (data) => {
      sent.push(data);
      server.write(data);
    });
    client.on("close", () => server.destroy());
  });
  return { port: own, sent };
}
