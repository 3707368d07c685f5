import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MqttError } from "../../src/errors.js";
import { FUZZ_TIMEOUT, runs } from "../fuzz/runs.js";
import { BINARY, CONTINUATION, frame, PING, PONG } from "./frames.js";
import { agreement } from "./handshake-peer.js";
import { ScriptedServer } from "./scripted-server.js";

/** Bytes that count, in as few words as a report has room for. */
interface Bytes {
  readonly length: number;
  readonly first: number;
}

/** A ping or a pong. */
interface Control extends Bytes {
  readonly opcode: number;
}

/** A fragment of a message, and what comes behind it. */
interface Fragment extends Bytes {
  readonly controls: readonly Control[];
}

const length = fc.oneof(
  { weight: 20, arbitrary: fc.nat(20) },
  { weight: 10, arbitrary: fc.integer({ min: 120, max: 300 }) },
  { weight: 1, arbitrary: fc.integer({ min: 65_530, max: 65_540 }) },
);
const first = fc.nat(255);
const control: fc.Arbitrary<Control> = fc.record({ opcode: fc.constantFrom(PING, PONG), length: fc.nat(125), first });
const fragment: fc.Arbitrary<Fragment> = fc.record({ length, first, controls: fc.array(control, { maxLength: 2 }) });
const message = fc.array(fragment, { minLength: 1, maxLength: 4 });
const messages = fc.array(message, { maxLength: 4 });

const bytesOf = ({ length, first }: Bytes): Buffer => Buffer.from(Uint8Array.from({ length }, (_, at) => first + at));

function encode(fragments: readonly Fragment[]): Buffer {
  const frames = fragments.flatMap((each, index) => [
    frame(index === 0 ? BINARY : CONTINUATION, bytesOf(each), index === fragments.length - 1),
    ...each.controls.map((control) => frame(control.opcode, bytesOf(control))),
  ]);
  return Buffer.concat(frames);
}

/** Where to cut, as shares of the length, and how much to read at a time. */
const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });
const readSize = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 2_000 }));

const cuts = (length: number, of: readonly number[]): number[] => of.map((share) => Math.floor(share * length)).sort((a, b) => a - b);

function opened(size: number): ScriptedServer {
  const server = new ScriptedServer();
  server.readSize = size;
  server.open();
  return server;
}

/** Frames with something wrong more often than not, and which begin in the right place at least. */
const anyFrame = fc
  .tuple(fc.nat(255), fc.nat(255), fc.uint8Array({ maxLength: 12 }))
  .map(([first, second, rest]) => Buffer.from([first, second, ...rest]));
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 400, size: "max" }).map((bytes) => Buffer.from(bytes)),
  fc.array(anyFrame, { maxLength: 8 }).map((frames) => Buffer.concat(frames)),
  fc.tuple(message, anyFrame).map(([fragments, wrong]) => Buffer.concat([encode(fragments).subarray(0, 2_000), wrong])),
);

describe("Streams of frames", { timeout: FUZZ_TIMEOUT }, () => {
  it("that conform give exactly the bytes in them, and all pings are answered, however the stream is cut", () => {
    fc.assert(
      fc.property(messages, shares, readSize, (all, splits, size) => {
        const stream = Buffer.concat(all.map(encode));
        const server = opened(Math.max(size, stream.length >> 9)); // or it takes long
        server.send(stream, cuts(stream.length, splits));
        const fragments = all.flat();
        expect(Buffer.from(server.received).equals(Buffer.concat(fragments.map(bytesOf)))).toBe(true);
        const pings = fragments.flatMap(({ controls }) => controls.filter(({ opcode }) => opcode === PING));
        expect(server.frames().map((each) => [each.opcode, [...each.payload]])).toEqual(pings.map((each) => [PONG, [...bytesOf(each)]]));
        expect(server.calls).not.toContain("onClose");
        expect(server.inner.violations).toEqual([]);
      }),
      runs(300),
    );
  });

  it("of any bytes at all never throw, and end with a named error if they end", () => {
    fc.assert(
      fc.property(anyBytes, shares, readSize, (bytes, splits, size) => {
        const server = opened(size);
        server.send(bytes, cuts(bytes.length, splits));
        const { error, calls } = server.listener;
        expect(calls.filter((call) => call === "onClose").length).toBe(error === undefined ? 0 : 1);
        expect(server.inner.isOpen).toBe(error === undefined);
        if (error !== undefined) expect(error).toBeInstanceOf(MqttError);
        if (error !== undefined) expect(["ERR_WEBSOCKET", "ERR_CONNECTION_CLOSED"]).toContain(error.code);
        expect(server.inner.violations).toEqual([]);
      }),
      runs(1_000),
    );
  });

  it("give the same however they are cut", () => {
    fc.assert(
      fc.property(anyBytes, shares, (bytes, splits) => {
        const results = [[], cuts(bytes.length, splits), Array.from(bytes, (_, at) => at)].map((at) => {
          const server = opened(64);
          server.send(bytes, at);
          return [server.received, server.listener.error?.message];
        });
        expect(results[1]).toEqual(results[0]);
        expect(results[2]).toEqual(results[0]);
      }),
      runs(200),
    );
  });
});

describe("Answers to the request", { timeout: FUZZ_TIMEOUT }, () => {
  const anyAnswer = fc.oneof(
    fc.uint8Array({ maxLength: 3_000, size: "max" }).map((bytes) => () => Buffer.from(bytes)),
    fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(7)).map(([share, bit]) => (request: string) => {
      const answer = Buffer.from(agreement(request));
      answer[Math.floor(share * answer.length)] ^= 1 << bit;
      return answer;
    }),
  );

  it("of any bytes at all never throw, and end with a named error if they end", () => {
    fc.assert(
      fc.property(anyAnswer, shares, (answer, splits) => {
        const server = new ScriptedServer();
        const bytes = answer(server.connect());
        server.send(bytes, cuts(bytes.length, splits));
        const { error, calls } = server.listener;
        expect(calls.filter((call) => call === "onClose").length).toBe(error === undefined ? 0 : 1);
        if (error !== undefined) expect(error.code).toMatch(/^ERR_WEBSOCKET/);
        expect(server.inner.isOpen).toBe(error === undefined);
        expect(server.inner.violations).toEqual([]);
      }),
      runs(500),
    );
  });
});
