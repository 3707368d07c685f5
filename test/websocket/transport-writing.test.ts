import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BINARY, type ClientFrame, frame, PING } from "./frames.js";
import { ScriptedServer, type ScriptedServerOptions } from "./scripted-server.js";

let server: ScriptedServer;

function open(options?: ScriptedServerOptions): ScriptedServer {
  server = new ScriptedServer(options);
  server.open();
  server.listener.calls.length = 0;
  return server;
}

beforeEach(() => void open());
afterEach(() => {
  expect(server.inner.violations).toEqual([]);
});

const counting = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => at * 5 + 1);

/** Writes, and gives the one frame that comes of it. */
function written(bytes: Uint8Array): ClientFrame {
  expect(server.write(bytes)).toBe(true);
  const [only, ...more] = server.frames();
  expect(more).toEqual([]);
  return only;
}

describe("what is written", () => {
  it("goes out in one masked, binary frame, for each length up to 400", () => {
    for (let length = 0; length <= 400; length++) {
      const bytes = counting(length);
      expect(written(bytes)).toMatchObject({ opcode: BINARY, payload: Buffer.from(bytes) });
    }
  });

  it.each([32, 33, 34, 35, 511, 65_535])("may be as large as a packet of %i bytes", (packetSize) => {
    open({ packetSize, writeLimit: 1e6 });
    expect(server.transport.writeLimit).toBe(packetSize);
    const bytes = counting(packetSize);
    expect(written(bytes).payload.equals(bytes)).toBe(true);
  });

  it("does not depend on what was written before", () => {
    for (const length of [400, 0, 1, 126, 125, 300, 2, 127]) expect([...written(counting(length)).payload]).toEqual([...counting(length)]);
  });

  it("is masked right with any key", () => {
    const key = fc.uint8Array({ minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(key, fc.uint8Array({ maxLength: 400 }), (bytes, payload) => {
        open({ random: () => Buffer.from(bytes).readUInt32LE() / 2 ** 32 });
        const { key: used, payload: sent } = written(payload);
        expect([...sent]).toEqual([...payload]);
        expect([...used].toSorted()).toEqual([...bytes].toSorted());
      }),
      { numRuns: 300 },
    );
  });

  it.each([5, 200])("has a new key in each frame, of %i bytes, all of it random", (length) => {
    const keys = Array.from({ length: 1_000 }, () => written(counting(length)).key);
    for (let at = 0; at < 4; at++) {
      const values = keys.map((key) => key[at]);
      expect(new Set(values).size).toBeGreaterThan(200);
      const mean = values.reduce((sum, value) => sum + value) / values.length;
      expect(Math.abs(mean - 127.5)).toBeLessThan(20);
    }
    expect(new Set(keys.map((key) => key.toString("hex"))).size).toBeGreaterThan(990);
  });

  it("leaves the source as it was", () => {
    const source = new Uint8Array(new ArrayBuffer(8, { maxByteLength: 8 }));
    source.set([1, 2, 3, 4]);
    expect(server.transport.write(source, 3)).toBe(true);
    expect([...source].slice(0, 3)).toEqual([1, 2, 3]);
    expect(source.length).toBe(8);
  });
});

describe("answers to pings", () => {
  it("have a new key each, all of it random", () => {
    const keys = Array.from({ length: 1_000 }, () => {
      server.send(frame(PING, "?"));
      return server.frames()[0].key;
    });
    for (let at = 0; at < 4; at++) expect(new Set(keys.map((key) => key[at])).size).toBeGreaterThan(200);
  });
});

describe("when there is no room", () => {
  it("write is false and sends nothing, and onWritable follows", () => {
    server.inner.room = 10;
    expect(server.write(counting(5))).toBe(false);
    expect(server.frames()).toEqual([]);
    expect(server.calls).toEqual([]);
    server.inner.makeRoom(1);
    expect(server.calls).toEqual(["onWritable"]);
    expect([...written(counting(5)).payload]).toEqual([...counting(5)]);
  });

  it("a smaller write may succeed", () => {
    server.inner.room = 10;
    expect(server.write(counting(5))).toBe(false);
    expect([...written(counting(4)).payload]).toEqual([...counting(4)]);
  });

  it("a frame of 126 bytes takes 134", () => {
    server.inner.room = 133;
    expect(server.write(counting(126))).toBe(false);
    server.inner.makeRoom(1);
    expect([...written(counting(126)).payload]).toEqual([...counting(126)]);
  });

  it("for the answer to a ping, write is false until that has left", () => {
    server.inner.room = 8;
    server.send(frame(PING, "there?"));
    server.listener.calls.length = 0;
    expect(server.write(counting(1))).toBe(false);
    server.inner.makeRoom(1);
    expect(server.calls).toEqual([]);
    server.inner.makeRoom(3 + 7);
    expect(server.calls).toEqual(["onWritable"]);
    expect(server.write(counting(1))).toBe(true);
    expect(server.frames().map(({ payload }) => payload.length)).toEqual([6, 1]);
  });
});
