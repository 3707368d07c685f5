import { connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { listen } from "../../hosts/start/listen.js";
import type { Place } from "./device.js";

/** A network between a device and a broker, which the test can cut. */
export interface Link extends Place {
  /** Breaks all connections, as a network would: without a word of MQTT. */
  cut(): void;
}

/** A link to `target`, gone when the test is over. */
export async function startLink(target: Place): Promise<Link> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    return socket;
  };
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((near) => {
    const far = connect(target.port, target.host);
    keep(near).pipe(keep(far)).pipe(near);
  });
  const port = await listen(server);
  onTestFinished(async () => {
    cut();
    await new Promise((resolve) => server.close(resolve));
  });
  return { host: "127.0.0.1", port, cut };
}

/** A server that accepts connections and says nothing, gone when the test is over. */
export async function startSilentServer(): Promise<Place> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).resume();
  });
  const port = await listen(server);
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { host: "127.0.0.1", port };
}
