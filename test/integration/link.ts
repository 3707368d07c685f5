import { connect, createServer, type Socket } from "node:net";
import { Transform } from "node:stream";
import { onTestFinished } from "vitest";
import { listen } from "../../hosts/start/listen.js";
import type { Place } from "./device.js";

/** A network between a device and a broker, which the test can cut. */
export interface Link extends Place {
  /** Breaks all connections, as a network would: without a word of MQTT. */
  cut(): void;
  /** Puts bytes into what the device sends to the broker. */
  inject(bytes: Uint8Array): void;
  /** What has passed over the latest connection. */
  readonly traffic: readonly Passage[];
}

/** Bytes that have passed a link, in the order in which they did. */
export interface Passage {
  readonly from: "device" | "broker";
  readonly bytes: Buffer;
}

/** Changes what comes from the broker, a piece of the stream at a time; made anew for every connection. */
export type Rewriting = () => (bytes: Buffer) => Buffer;

/** A link to `target`, gone when the test is over. */
export async function startLink(target: Place, rewriting: Rewriting = () => (bytes) => bytes): Promise<Link> {
  let traffic: Passage[] = [];
  let toBroker: Socket | undefined;
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
    const rewrite = rewriting();
    toBroker = far;
    const recording: Passage[] = (traffic = []);
    keep(near).pipe(passing("device", (bytes) => bytes, recording)).pipe(keep(far)).pipe(passing("broker", rewrite, recording)).pipe(near);
  });
  const port = await listen(server);
  onTestFinished(async () => {
    cut();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    host: "127.0.0.1",
    port,
    cut,
    inject: (bytes) => void toBroker?.write(bytes),
    get traffic() {
      return traffic;
    },
  };
}

/** Passes bytes on, changed, and records them as they come out. */
function passing(from: Passage["from"], change: (bytes: Buffer) => Buffer, recording: Passage[]): Transform {
  return new Transform({
    transform(bytes: Buffer, _encoding, done) {
      const passed = change(bytes);
      recording.push({ from, bytes: Buffer.from(passed) });
      done(null, passed);
    },
  });
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
