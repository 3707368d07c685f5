import { createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { RunReport } from "../../../hosts/sim/runner.js";
import { listen } from "../../../hosts/start/listen.js";
import { freePort } from "../../support/free-port.js";
import { Reports, runSource, useHost } from "./program.js";

useHost();

const servers: { close(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Serves one connection on loopback. */
async function serve(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    onConnection(socket);
  });
  servers.push(server);
  return listen(server);
}

/** A program with a socket made of the given callbacks, and with what else it needs. */
const client = (callbacks: string, before = ""): string => `
  import TCP from "embedded:io/socket/tcp";
  import Timer from "timer";
  import sim from "sim";
  const attempt = (action: () => unknown) => { try { return action(); } catch (error) { return "throws " + error.message; } };
  ${before}
  const socket = new TCP({ address: "127.0.0.1", port: Number(sim.argument(0)), format: "buffer", ${callbacks} });`;

const runClient = (port: number, source: string, reports = new Reports()): Promise<RunReport> =>
  runSource(source, { arguments: [String(port)], onReport: reports.take });

/** All that comes in until the peer ends. */
async function drain(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe("connecting", () => {
  it("is done when onWritable comes, with the room there is", async () => {
    const port = await serve((socket) => socket.resume());
    const { trace } = await runClient(port, client(`
      onWritable(room) { trace("writable ", room, " ", this === socket); this.close(); }`));
    expect(trace).toEqual(["writable 8192 true"]);
  });

  it("ends with onError when it is refused", async () => {
    const { trace, reason } = await runClient(await freePort(), client(`
      onWritable() { trace("writable"); }, onError() { trace("error ", this === socket); this.close(); }`));
    expect(trace).toEqual(["error true"]);
    expect(reason).toBe("finished");
  });

  it("resolves a name only when it is given as host", async () => {
    const port = await serve((socket) => socket.resume());
    const { trace } = await runClient(port, `
      import TCP from "embedded:io/socket/tcp";
      import sim from "sim";
      const port = Number(sim.argument(0));
      try { new TCP({ address: "localhost", port }); } catch (error) { trace(error.message); }
      new TCP({ host: "127.0.0.1", port, onWritable() { trace("writable"); this.close(); } });`);
    expect(trace).toEqual(["invalid address", "writable"]);
  });

  it("refuses ports that are none", async () => {
    const { trace } = await runSource(`
      import TCP from "embedded:io/socket/tcp";
      try { new TCP({ address: "127.0.0.1", port: 70000 }); } catch (error) { trace(error); }`);
    expect(trace).toEqual(["RangeError: invalid port"]);
  });

  it("sets target on the instance", async () => {
    const port = await serve((socket) => socket.resume());
    const { trace } = await runClient(port, client(`target: { name: "mine" }, onWritable() { trace(this.target.name); this.close(); }`));
    expect(trace).toEqual(["mine"]);
  });
});

describe("writing", () => {
  it("throws before the first onWritable", async () => {
    const port = await serve((socket) => socket.resume());
    const { trace } = await runClient(port, `${client("onWritable() { this.close(); }")}
      trace(attempt(() => socket.write(new Uint8Array(1))));`);
    expect(trace).toEqual(["throws not ready"]);
  });

  it("takes as much as there is room, says how much is left, and throws when it is too long", async () => {
    const port = await serve((socket) => socket.resume());
    const { trace } = await runClient(port, client(`
      onWritable() {
        trace(attempt(() => this.write(new Uint8Array(8193))));
        trace(this.write(new Uint8Array(8000)));
        trace(attempt(() => this.write(new Uint8Array(193))));
        trace(this.write(new Uint8Array(192)));
        this.close();
      }`));
    expect(trace).toEqual(["throws would block", "192", "throws would block", "0"]);
  });

  it("calls onWritable again as what was written drains", async () => {
    const port = await serve((socket) => socket.resume());
    const { trace } = await runClient(port, client(`
      onWritable(room) {
        trace("writable ", room);
        if (++count === 1) this.write(new Uint8Array(1000));
        else this.close();
      }`, "let count = 0;"));
    expect(trace).toEqual(["writable 8192", "writable 8192"]);
  });

  it("holds back when the peer does not read", async () => {
    const port = await serve((socket) => {
      socket.pause();
      setTimeout(() => socket.resume(), 300);
    });
    const { trace } = await runClient(port, client(`
      onWritable(room) {
        if (total >= 20_000_000) { this.close(); return; }
        while (room >= 1024) { room = this.write(block)!; total += 1024; }
        if (Time.delta(start) < 250) early = total;
        full ||= early > 0 && Time.delta(start) > 280;
        if (full) { trace(early > 8192); this.close(); }
      }`, `import Time from "time"; const start = Time.ticks; const block = new Uint8Array(1024);
        let total = 0, early = 0, full = false;`));
    expect(trace).toEqual(["true"]);
  });

  it("sends what views show: typed arrays, DataViews, parts of buffers, resized ones", async () => {
    const received: Promise<Buffer>[] = [];
    const port = await serve((socket) => received.push(drain(socket)));
    await runClient(port, client(`
      onWritable() {
        const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6);
        this.write(bytes.subarray(1, 3));
        this.write(new DataView(bytes.buffer, 3, 1));
        this.write(bytes.buffer.slice(4, 5));
        const buffer = new ArrayBuffer(8, { maxByteLength: 8 });
        const view = new Uint8Array(buffer);
        view.fill(9);
        buffer.resize(3);
        this.write(view);
        this.close();
      }`));
    expect([...(await received[0])]).toEqual([2, 3, 4, 5, 9, 9, 9]);
  });

  it("is delivered in order and in full although close follows at once", async () => {
    const received: Promise<Buffer>[] = [];
    const port = await serve((socket) => received.push(drain(socket)));
    await runClient(port, client(`
      onWritable() {
        for (let i = 0; i < 8; i++) this.write(new Uint8Array(1024).fill(i));
        this.close();
      }`));
    const bytes = await received[0];
    expect(bytes).toHaveLength(8_192);
    expect([...bytes]).toEqual([...bytes].sort((a, b) => a - b));
  });

  it("does nothing more once it was closed", async () => {
    const port = await serve((socket) => socket.resume());
    const { trace } = await runClient(port, client(`
      onWritable() {
        this.close();
        this.close();
        trace(attempt(() => this.write(new Uint8Array(1))), ", ", attempt(() => this.read(new Uint8Array(1))));
      }`));
    expect(trace).toEqual(["throws socket is closed, throws socket is closed"]);
  });
});

describe("reading", () => {
  it("fills the view, returns the count, and throws when less is there", async () => {
    const port = await serve((socket) => socket.end("hello"));
    const { trace } = await runClient(port, client(`
      onReadable(bytes) {
        trace(bytes, attempt(() => this.read(new Uint8Array(6))));
        const view = new Uint8Array(2);
        trace(this.read(view), " ", view);
        trace(attempt(() => this.read(new Uint8Array(0))));
        trace(this.read(3)!.byteLength);
        trace(this.read(view));
        this.close();
      }`));
    expect(trace).toEqual(["5throws invalid", "2 104,101", "throws invalid", "3", "undefined"]);
  });

  it("announces each arrival once, with all bytes that wait", async () => {
    const port = await serve((socket) => {
      socket.write("abc");
      setTimeout(() => socket.write("de"), 80);
    });
    const { trace } = await runClient(port, client(`
      onReadable(bytes) {
        trace("readable ", bytes);
        if (bytes === 3) this.read(new Uint8Array(1));
        else { trace("read ", this.read(new Uint8Array(4))); this.close(); }
      }`));
    expect(trace).toEqual(["readable 3", "readable 4", "read 4"]);
  });

  it("comes in segments of at most 1,436 bytes, and at most four wait", async () => {
    const port = await serve((socket) => socket.write(Buffer.alloc(10_000)));
    const { trace } = await runClient(port, client(`
      onReadable(bytes) {
        if (!early) { all += this.read(new Uint8Array(bytes)); if (all === 10000) this.close(); return; }
        trace(bytes);
        if (bytes === 4 * 1436) Timer.set(() => { early = false; all = this.read(new Uint8Array(bytes)); }, 30);
      }`, "let early = true, all = 0;"));
    expect(trace).toEqual(["1436", "2872", "4308", "5744"]);
  });
});

describe("an end", () => {
  it("is told by onError, once all has been read", async () => {
    const port = await serve((socket) => socket.end("last words"));
    const { trace, reason } = await runClient(port, client(`
      onReadable(bytes) {
        trace("readable ", bytes);
        Timer.set(() => this.read(new Uint8Array(4)), 40);
        Timer.set(() => trace("then ", this.read(new Uint8Array(6))), 80);
      },
      onError() { trace("error"); this.close(); }`));
    expect(trace).toEqual(["readable 10", "then 6", "error"]);
    expect(reason).toBe("finished");
  });

  it("makes write throw once it is told, as lwIP does", async () => {
    const port = await serve((socket) => socket.end());
    const { trace } = await runClient(port, client(`
      onWritable() { Timer.delay(50); },
      onError() { trace("error"); trace(attempt(() => this.write(new Uint8Array(1)))); this.close(); }`));
    expect(trace).toEqual(["error", "throws not ready"]);
  });

  it("ends the program although the socket was not closed, as nothing more can come", async () => {
    const port = await serve((socket) => socket.end());
    const { reason } = await runClient(port, client(""));
    expect(reason).toBe("finished");
  });
});

it("allocates nothing to write, to read and to call back", async () => {
  const port = await serve((socket) => socket.on("data", (data: Buffer) => socket.write(data)));
  const reports = new Reports();
  const { errors } = await runClient(port, client(`
    onWritable(room) { if (!writing) { writing = true; send(); } },
    onReadable(bytes) {
      buffer.resize(bytes); this.read(view); buffer.resize(64);
      if (++rounds === 10) { slots = sim.slots(); chunkBytes = sim.chunkBytes(); }
      if (rounds < 110) send();
      else { sim.report("used", sim.slots() - slots, sim.chunkBytes() - chunkBytes, rounds); this.close(); }
    }`, `
    const buffer = new ArrayBuffer(64, { maxByteLength: 64 });
    const view = new Uint8Array(buffer);
    let rounds = 0, slots = 0, chunkBytes = 0, writing = false;
    function send(): void { buffer.resize(32); socket.write(view); buffer.resize(64); }`), reports);
  expect(errors).toBe("");
  expect(reports.get("used")).toEqual([0, 0, 110]);
});
