import { createServer, connect, type Socket } from "node:net";
import { listen } from "../../hosts/start/listen.js";

/** A TCP port of 127.0.0.1 that nobody listens on at present. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until something accepts connections on `port` of 127.0.0.1, for at most `timeout` milliseconds. */
export async function untilAccepting(port: number, timeout: number): Promise<void> {
  const deadline = Date.now() + timeout;
  while (!(await accepts(port))) {
    if (Date.now() > deadline) throw new Error(`nothing listens on port ${port} after ${timeout} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, "127.0.0.1");
    const answer = (result: boolean) => (): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", answer(true));
    socket.once("error", answer(false));
  });
}
