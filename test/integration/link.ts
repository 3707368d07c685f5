import { connect, createServer, type Socket } from "node:net";
import { Transform } from "node:stream";
import { onTestFinished } from "vitest";
import { listen } from "../../hosts/start/listen.js";
import type { Place } from "./device.js";

/** A network between a device and a broker, which the test can cut. */
export interface Link extends Place {
  /** Breaks all connections, as a network would: without a word of MQTT. */
  cut(): void;
  /** All bytes that went to the broker, and from it, over the latest connection. */
  readonly sent: Buffer;
  readonly received: Buffer;
}

/** Changes what comes from the broker, a piece of the stream at a time; made anew for every connection. */
export type Rewriting = () => (bytes: Buffer) => Buffer;

/** A link to `target`, gone when the test is over. */
export async function startLink(target: Place, rewriting: Rewriting = () => (bytes) => bytes): Promise<Link> {
  let sent: Buffer[] = [];
  let received: Buffer[] = [];
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
    sent = [];
    received = [];
    near.on("data", recorded(sent));
    keep(near).pipe(keep(far)).pipe(changed(rewrite, received)).pipe(near);
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
    get sent() {
      return Buffer.concat(sent);
    },
    get received() {
      return Buffer.concat(received);
    },
  };
}

function recorded(recording: Buffer[]): (bytes: Buffer) => void {
  return (bytes) => recording.push(Buffer.from(bytes));
}

/** Passes on what the broker sends, changed, and records it as it comes out. */
function changed(rewrite: (bytes: Buffer) => Buffer, recording: Buffer[]): Transform {
  const stream = new Transform({
    transform(bytes: Buffer, _encoding, done) {
      done(null, rewrite(bytes));
    },
  });
  return stream.on("data", recorded(recording));
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
