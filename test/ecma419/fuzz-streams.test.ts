import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cuts, cutsOf } from "../fuzz/generators.js";
import { mutatedStream } from "../fuzz/mutations.js";
import { FUZZ_TIMEOUT, runs } from "../fuzz/runs.js";
import { concat, connack } from "../support/packets.js";
import { create, expectReleased, type Fixture } from "./support.js";
import { type Manner, TCP, TLS } from "./support/fake-socket.js";

const manner = fc.constantFrom(TCP, TLS);
const SIZE = 64;

/** The pieces of a stream that is cut at these shares of it. */
function pieces(stream: Uint8Array, shares: readonly number[]): Uint8Array[] {
  const ends = [...cutsOf(stream.length, shares), stream.length];
  return ends.map((end, index) => stream.subarray(index === 0 ? 0 : ends[index - 1], end));
}

/** Plays what a server sends to a client that waits for CONNACK. Throws what the client throws at the socket. */
function play(stream: readonly Uint8Array[], how: Manner): Fixture {
  const fixture = create({ packetSize: SIZE }, how);
  fixture.server.open();
  fixture.server.take();
  for (const piece of stream) if (!fixture.server.link.isClosed) fixture.server.send(piece);
  return fixture;
}

/** One error ends everything; without one, all that came in was taken. */
function expectOrderly({ server, events }: Fixture): void {
  const errors = events.filter((event) => Array.isArray(event) && event[0] === "error");
  expect(errors.length).toBe(server.link.isClosed ? 1 : 0);
  if (!server.link.isClosed) {
    expect(server.link.unread).toBe(0);
    return;
  }
  expect(events.at(-1)).toEqual(errors[0]);
  expect(errors[0]).toEqual(["error", expect.stringMatching(/^ERR_(MALFORMED_PACKET|PROTOCOL|CONNECTION_REFUSED|RECEIVE_SIZE|RECEIVE_MAXIMUM)$/)]);
  expectReleased(server);
}

/** What the application has seen. */
const seen = ({ events, messages }: Fixture): unknown => ({ events, messages });

function expectSameForEverySplit(stream: Uint8Array, shares: readonly number[], how: Manner): void {
  const whole = play([stream], how);
  expectOrderly(whole);
  const split = play(pieces(stream, shares), how);
  expectOrderly(split);
  expect(seen(split)).toEqual(seen(whole));
  const byteByByte = play([...stream].map((byte) => Uint8Array.of(byte)), how);
  expectOrderly(byteByByte);
  expect(seen(byteByByte)).toEqual(seen(whole));
  if (!whole.server.link.isClosed) expect(split.server.takeHex()).toBe(whole.server.takeHex());
}

describe("Whatever a server sends, in whatever pieces, nothing is thrown at the socket, and all pieces are told as one:", { timeout: FUZZ_TIMEOUT }, () => {
  it("packets of which something went wrong", () => {
    fc.assert(
      fc.property(mutatedStream, cuts, manner, (stream, shares, how) => {
        expectSameForEverySplit(concat(connack(), stream), shares, how);
      }),
      runs(800),
    );
  });

  it("any bytes after CONNACK", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 150 }), cuts, manner, (stream, shares, how) => {
        expectSameForEverySplit(concat(connack(), stream), shares, how);
      }),
      runs(800),
    );
  });

  it("any bytes in its place", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), cuts, manner, (stream, shares, how) => {
        expectSameForEverySplit(stream, shares, how);
      }),
      runs(500),
    );
  });
});
