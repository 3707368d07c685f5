import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, connack, publish } from "../../support/v5/packets.js";
import { cuts } from "../generators.js";
import { answersBeforeItIsAsked, mutated } from "../mutations.js";
import { expectSameForEverySplit } from "../play.js";
import type { Observed } from "../recording.js";
import { FUZZ_TIMEOUT, runs } from "../runs.js";
import { expectedOf, type Expected } from "./expected.js";
import { encode, encodeAll, serverPackets } from "./generators.js";
import { comparable, endedByServer, eventsOf, farewellOf, play, playFromConnack } from "./play.js";
import { OWN } from "./prepared-client.js";
import { serverList } from "./property-generators.js";
import { violation } from "./violations.js";

const mutatedStream = mutated(serverPackets.map((packets) => packets.map(encode)));
/** What our DISCONNECT may say of a server's fault, of limits of ours, and of an authenticator that gave up. */
const OUR_REASONS: Readonly<Record<string, readonly (number | undefined)[]>> = {
  ERR_MALFORMED_PACKET: [0x81],
  ERR_PROTOCOL: [0x82, 0x93, 0x94, 0x95],
  ERR_RECEIVE_SIZE: [0x95, 0x97],
  ERR_AUTHENTICATION: [0x80],
  // The server's Maximum Packet Size leaves no room for what every client must send, a DISCONNECT perhaps.
  ERR_PACKET_SIZE: [undefined, 0x80, 0x83],
};

/** What was sent, but DISCONNECT. */
function answers({ sent }: Observed): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(sent).filter(([kind]) => kind !== "DISCONNECT"));
}

/** `[error, properties]`, or nothing where the connection goes on. */
function endingOf({ events }: Observed): [error?: string, properties?: unknown] {
  const endings = events.filter((event) => event.startsWith('["disconnected"'));
  expect(endings.length).toBeLessThanOrEqual(1);
  expect(endings).toEqual(endings.length > 0 ? events.slice(-1) : []);
  if (endings.length === 0) return [];
  const [, error, , properties] = JSON.parse(endings[0]) as [string, string, number, unknown];
  return [error, properties];
}

function expectToBe(observed: Observed, { events, sent, ending }: Expected): void {
  expect(eventsOf(observed)).toEqual(events);
  const [error, properties] = endingOf(observed);
  expect(observed.closed).toBe(ending !== undefined);
  expect([error, properties]).toEqual([ending?.error, ending?.properties]);
  const farewell = farewellOf(observed);
  if (ending === undefined || ending.reasonCodes.length === 0) expect(farewell).toBeUndefined();
  else expect(ending.reasonCodes).toContain(farewell);
  if (endedByServer(observed)) for (const [kind, some] of Object.entries(answers(observed))) expect(sent[kind].slice(0, some.length)).toEqual(some);
  else expect(answers(observed)).toEqual(sent);
}

/** It has ended, if it has, with a named error that our DISCONNECT fits. */
function expectNamedError(observed: Observed): void {
  const [error] = endingOf(observed);
  expect(observed.closed).toBe(error !== undefined);
  if (error === undefined || endedByServer(observed)) expect(farewellOf(observed)).toBeUndefined();
  else expect(OUR_REASONS[error]).toContain(farewellOf(observed));
}

describe("Streams from a server of 5.0", { timeout: FUZZ_TIMEOUT }, () => {
  it("packets give what the standard says, however the stream is split", () => {
    fc.assert(
      fc.property(serverPackets, cuts, (packets, shares) => {
        const stream = encodeAll(packets);
        expectSameForEverySplit(stream, shares, comparable(play));
        expectToBe(play(stream, []), expectedOf(packets));
      }),
      runs(800),
    );
  });

  it("a violation ends the connection with a DISCONNECT that says why, and nothing behind it counts", () => {
    const behind = publish({ topic: "in/1", payload: "behind", qos: 1, identifier: 99 });
    fc.assert(
      fc.property(serverPackets, violation, cuts, (packets, { bytes, reasonCodes }, shares) => {
        const before = expectedOf(packets);
        fc.pre(before.ending === undefined && answersAreAwaited(packets));
        const observed = expectSameForEverySplit(concat(encodeAll(packets), bytes, behind), shares, comparable(play));
        const [error] = endingOf(observed);
        expect(reasonCodes).toContain(farewellOf(observed));
        const expected = error === "ERR_MALFORMED_PACKET" ? "ERR_MALFORMED_PACKET" : "ERR_PROTOCOL";
        expectToBe(observed, { ...before, ending: { error: expected, reasonCodes, properties: [] } });
      }),
      runs(1200),
    );
  });

  /** Whether what violations are written for has not been answered by these packets. */
  function answersAreAwaited(packets: Parameters<typeof encodeAll>[0]): boolean {
    const answered: readonly number[] = [OWN.subscribe, OWN.subscribeIdentified, OWN.unsubscribe];
    return packets.every((packet) => {
      if (packet.type === "AUTH") return packet.reasonCode !== 0;
      if (packet.type === "SUBACK" || packet.type === "UNSUBACK") return !answered.includes(packet.identifier);
      return packet.type !== "PUBLISH" || packet.properties.every(([name, value]) => name !== "topicAlias" || value !== 3);
    });
  }

  it("mutated packets give the same for every split, and a named error at worst", () => {
    fc.assert(
      fc.property(mutatedStream, cuts, (stream, shares) => {
        fc.pre(!answersBeforeItIsAsked(stream, [OWN.awaitingPubcomp, OWN.awaitingPubrec]));
        expectNamedError(expectSameForEverySplit(stream, shares, comparable(play)));
      }),
      runs(1500),
    );
  });

  it("random bytes after CONNACK give the same for every split", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), cuts, (stream, shares) => {
        fc.pre(!answersBeforeItIsAsked(stream, [OWN.awaitingPubcomp, OWN.awaitingPubrec]));
        expectNamedError(expectSameForEverySplit(stream, shares, comparable(play)));
      }),
      runs(800),
    );
  });

  it("random bytes in place of CONNACK close the connection or wait for more", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), cuts, (stream, shares) => {
        expectNamedError(expectSameForEverySplit(stream, shares, comparable(playFromConnack)));
      }),
      runs(800),
    );
  });

  it("a mutated stream that begins with CONNACK gives the same for every split, and a named error at worst", () => {
    const first = fc
      .record({
        sessionPresent: fc.boolean(),
        reasonCode: fc.constantFrom(0, 0, 0, 0, 0x80, 0x87, 0x9d, 0x01, 0x04, 0x92),
        properties: serverList("CONNACK"),
      })
      .map(connack);
    const stream = mutated(fc.tuple(first, serverPackets).map(([connected, packets]) => [connected, ...packets.map(encode)]));
    fc.assert(
      fc.property(stream, cuts, (bytes, shares) => {
        expectNamedError(expectSameForEverySplit(bytes, shares, comparable(playFromConnack)));
      }),
      runs(1000),
    );
  });
});
