import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { listen } from "../../../../hosts/start/listen.js";
import { start } from "../../../start/command.js";
import { connack } from "../../../support/packets.js";
import { SECRET, tells } from "./secrets.js";

const servers: Server[] = [];

afterEach(() => servers.splice(0).forEach((server) => server.close()));

/** A server that does this as soon as something has come in. */
async function hostile(does: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => does(socket));
  });
  servers.push(server);
  return listen(server);
}

describe("npm start with a password, to a server that", { timeout: 60_000 }, () => {
  it.each<[string, (socket: Socket) => void]>([
    ["refuses it", (socket) => socket.end(connack({ returnCode: 5 }))],
    ["sends anything", (socket) => socket.end(Buffer.alloc(100, "HTTP/1.1 400 Bad Request\r\n"))],
  ])("%s, prints why, and not the password", async (_what, does) => {
    const port = await hostile(does);
    const { status, stdout, stderr } = await start([
      "--host",
      "node",
      "--count",
      "2",
      "--broker",
      `mqtt://u${SECRET}:p${SECRET}@127.0.0.1:${port}`,
    ]);
    expect(status).toBe(1);
    expect(stderr).not.toBe("");
    expect(tells(stdout + stderr)).toBe(false);
  });
});
