import { createServer, type Server, type Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { run } from "../../../hosts/sim/runner.js";
import { listen } from "../../../hosts/start/listen.js";
import { program } from "../../sim/support/program.js";
import { publish } from "../../support/packets.js";

const CONNACK = Uint8Array.of(0x20, 2, 0, 0);
const CONNECT = 0x10;
/** More messages than the client's buffer takes. */
const IDENTIFIERS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/** Accepts every connection, sends messages of QoS 1 that have to be acknowledged, and resets it. */
function serve(socket: Socket): void {
  socket.on("error", () => undefined);
  socket.on("data", (data: Buffer) => {
    if (data[0] !== CONNECT) return;
    const message = (identifier: number) => publish({ topic: "a", payload: "b".repeat(100), qos: 1, identifier });
    socket.write(Buffer.concat([CONNACK, ...IDENTIFIERS.map(message)]));
    socket.resetAndDestroy();
  });
}

// Found by the soak: the acknowledgement waits for the message in pieces, that for room in the socket, which has failed; and the
// socket tells of that only when all has been read that came before, which waits for the acknowledgement.
it("notices a connection that is reset while an acknowledgement waits for room behind a message in pieces", async () => {
  const server: Server = createServer({ noDelay: true }, serve);
  onTestFinished(() => void server.close());
  const port = await listen(server);
  const report = await run(program("soak-cut"), { arguments: [String(port)], timeout: 30_000 });
  expect(report).toMatchObject({ reason: "finished", errors: "" });
});
