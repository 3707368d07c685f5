import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunOptions, RunReport } from "../../../hosts/sim/runner.js";
import { listen } from "../../../hosts/start/listen.js";
import { until } from "../../support/waiting.js";
import { runSource, useHost } from "./program.js";

useHost();

let folder = "";
let path = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mqtt-xs-storage-"));
  path = join(folder, "flash");
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs a program that has the partition open, on two sectors of 256 bytes in a file. */
const runOn = (source: string, options: RunOptions = {}): Promise<RunReport> =>
  runSource(
    `import storage from "embedded:storage/flash";
    const attempt = (action: () => unknown) => { try { return action(); } catch (error) { return "throws " + error.message; } };
    const partition = storage.open({ path: "mqtt" });
    ${source}`,
    { storage: { path, sectors: 2, sectorSize: 256 }, ...options },
  );

describe("a program's storage", () => {
  it("is a partition called mqtt, erased at first", async () => {
    const { trace } = await runSource(`
      import storage from "embedded:storage/flash";
      trace([...storage].join());
      const partition = storage.open({ path: "mqtt" });
      trace(JSON.stringify(partition.status()));
      const bytes = new Uint8Array(4);
      trace(partition.read(bytes, 4_092), " ", bytes.join());
      trace(partition.read(2, 0).byteLength);`);
    expect(trace).toEqual(["mqtt", '{"size":65536,"blockLength":4096,"blocks":16}', "4 255,255,255,255", "2"]);
  });

  it("outlives the process in a file", async () => {
    await runOn("partition.write(Uint8Array.of(1, 2, 3), 255);");
    const { trace } = await runOn("const bytes = new Uint8Array(5); partition.read(bytes, 254); trace(bytes.join());");
    expect(trace).toEqual(["255,1,2,3,255"]);
    const expected = Buffer.alloc(512, 0xff);
    expected.set([1, 2, 3], 255);
    expect(await readFile(path)).toEqual(expected);
  });

  it("clears bits by writing, and sets them by erasing sectors", async () => {
    await runOn("for (const byte of [0x0f, 0x01]) for (const at of [0, 256]) partition.write(Uint8Array.of(byte), at);");
    expect([...(await readFile(path)).subarray(0, 2)]).toEqual([1, 255]);
    await runOn("partition.eraseBlock(0);");
    expect([(await readFile(path))[0], (await readFile(path))[256]]).toEqual([255, 1]);
    await runOn("partition.write(Uint8Array.of(0), 0); partition.eraseBlock(0, 2);");
    expect((await readFile(path)).every((byte) => byte === 0xff)).toBe(true);
  });

  it("ends a program that writes without having erased", async () => {
    const { reason, status, errors } = await runOn("for (const byte of [0x0f, 0x1f]) partition.write(Uint8Array.of(byte), 7);");
    expect({ reason, status }).toEqual({ reason: "exception", status: 77 });
    expect(errors).toContain("storage: the byte at 7 is 0x0f and cannot become 0x1f without being erased");
  });

  it("throws as the SDK does on ESP32", async () => {
    const { trace } = await runOn(`
      trace(attempt(() => storage.open({ path: "other" })));
      trace(attempt(() => storage.open({ path: "mqtt", mode: "w" })));
      trace(attempt(() => storage.open({ path: "mqtt", mode: "r" }).write(new Uint8Array(1), 0)));
      trace(attempt(() => partition.read(new Uint8Array(2), 511)));
      trace(attempt(() => partition.write(new Uint8Array(2), 511)));
      trace(attempt(() => partition.eraseBlock(1, 3)));
      partition.close();
      partition.close();
      trace(attempt(() => partition.status()));`);
    expect(trace).toEqual([
      "throws can't find partition",
      "throws invalid mode",
      "throws read-only",
      "throws read failed",
      "throws write failed",
      "throws erase failed",
      "throws storage is closed",
    ]);
  });

  it("is of the size that it was made with", async () => {
    await writeFile(path, "something else");
    await expect(runOn("")).rejects.toThrow(`storage ${path} has 14 bytes, not 512`);
  });
});

describe("when the power goes", () => {
  const WRITE = "partition.write(Uint8Array.of(1, 2, 3, 4), 0); trace('written'); partition.eraseBlock(0); trace('erased');";

  it("counts steps: bytes written and eighths of a sector erased", async () => {
    const { steps, trace } = await runOn(`import sim from "sim"; ${WRITE} trace(sim.steps());`);
    expect(steps).toBe(12);
    expect(trace.at(-1)).toBe("12");
  });

  it.each([
    [0, [255, 255, 255, 255]],
    [3, [1, 2, 3, 255]],
    [4, [1, 2, 3, 4]],
  ])("has written %d bytes", async (cutAfter, expected) => {
    const { reason, status, trace } = await runOn(WRITE, { cutAfter });
    expect({ reason, status }).toEqual({ reason: "power cut", status: 76 });
    expect(trace).toEqual(cutAfter === 4 ? ["written"] : []);
    expect([...(await readFile(path)).subarray(0, 4)]).toEqual(expected);
  });

  it("has erased a part of a sector", async () => {
    await runOn("partition.write(new Uint8Array(512), 0);");
    await runOn("partition.eraseBlock(1);", { cutAfter: 3 });
    const bytes = await readFile(path);
    expect(bytes.subarray(256, 256 + 96).every((byte) => byte === 0xff)).toBe(true);
    expect([...bytes.subarray(0, 256), ...bytes.subarray(256 + 96)].every((byte) => byte === 0)).toBe(true);
  });

  it("does not go when all steps are done before", async () => {
    expect((await runOn(WRITE, { cutAfter: 12 })).reason).toBe("finished");
  });

  it("has sent what was written to sockets by then, and nothing else", async () => {
    const received: string[] = [];
    let ended = false;
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", (bytes) => received.push(bytes.toString()));
      socket.on("close", () => (ended = true));
    });
    const port = await listen(server);
    const { reason } = await runOn(
      `import TCP from "embedded:io/socket/tcp";
      const socket = new TCP({ address: "127.0.0.1", port: ${port}, onWritable() {
        socket.write(Uint8Array.of(0x61));
        partition.write(Uint8Array.of(0), 0);
        socket.write(Uint8Array.of(0x62));
      } });`,
      { cutAfter: 2 },
    );
    await until("the end of the connection", () => ended);
    server.close();
    expect(reason).toBe("power cut");
    expect(received.join("")).toBe("a");
  });
});
