import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, connack } from "../support/packets.js";
import { expectedOf } from "./expected.js";
import { cuts, encodeAll, serverPackets } from "./generators.js";
import { answersBeforeItIsAsked, mutatedStream } from "./mutations.js";
import { expectSameForEverySplit, play, playFromConnack } from "./play.js";
import { OWN } from "./prepared-client.js";
import { FUZZ_TIMEOUT, runs } from "./runs.js";

/** Messages put together from their pieces, as `Expected` has them, and deliveries. */
function messagesAndDeliveries(events: readonly string[]): string[] {
  const found: string[] = [];
  let payload: string[] = [];
  for (const event of events) {
    const piece = /^\S+ "(.*)" QoS (\d).*? (\d+)\+(\d+)\/(\d+) ([0-9a-f ]*)$/s.exec(event);
    if (piece) {
      const [, topic, qos, offset, length, total, bytes] = piece;
      if (offset === "0") payload = [];
      expect(Number(offset)).toBe(payload.length);
      if (bytes !== "") payload.push(...bytes.split(" "));
      if (Number(offset) + Number(length) === Number(total)) found.push(`${topic} ${qos} ${payload.join(" ")}`);
    } else if (event.startsWith("delivered ")) found.push(event);
  }
  return found;
}

/** The order that the standard asks for holds within each of these kinds only. */
function inKinds(acknowledgements: readonly string[]): Record<string, string[]> {
  const kinds = { "40": "PUBACK", "50": "PUBREC", "62": "stray PUBREL", "70": "PUBCOMP" };
  const found: Record<string, string[]> = {};
  for (const each of acknowledgements) {
    const kind = Object.entries(kinds).find(([first]) => each.startsWith(first))?.[1] ?? "other";
    (found[kind] ??= []).push(each);
  }
  return found;
}

describe("Streams from a server", { timeout: FUZZ_TIMEOUT }, () => {
  it("legal packets give what the standard says, however the stream is split", () => {
    fc.assert(
      fc.property(serverPackets, cuts, (packets, shares) => {
        const observed = expectSameForEverySplit(encodeAll(packets), shares, play);
        const expected = expectedOf(packets);
        expect(messagesAndDeliveries(observed.events)).toEqual(expected.events);
        expect(observed.closed).toBe(expected.error !== undefined);
        expect(observed.events.find((event) => event.startsWith("disconnected"))).toBe(
          expected.error === undefined ? undefined : `disconnected ${expected.error}`,
        );
        const acknowledged = Object.entries(observed.sent).filter(([kind]) => kind !== "PUBREL");
        expect(Object.fromEntries(acknowledged)).toEqual(inKinds(expected.acknowledgements));
      }),
      runs(1500),
    );
  });

  it("mutated packets give the same for every split, and a named error at worst", () => {
    fc.assert(
      fc.property(mutatedStream, cuts, (stream, shares) => {
        fc.pre(!answersBeforeItIsAsked(stream, [OWN.awaitingPubcomp, OWN.awaitingPubrec]));
        const observed = expectSameForEverySplit(stream, shares, play);
        const last = observed.events.at(-1);
        if (observed.closed)
          expect(last).toMatch(/^disconnected ERR_(MALFORMED_PACKET|PROTOCOL|RECEIVE_MAXIMUM|RECEIVE_SIZE)$/);
      }),
      runs(4000),
    );
  });

  it("random bytes after CONNACK give the same for every split", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), cuts, (stream, shares) => {
        fc.pre(!answersBeforeItIsAsked(stream, [OWN.awaitingPubcomp, OWN.awaitingPubrec]));
        expectSameForEverySplit(stream, shares, play);
      }),
      runs(2000),
    );
  });

  it("random bytes in place of CONNACK close the connection or wait for more", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), cuts, (stream, shares) => {
        const observed = expectSameForEverySplit(stream, shares, playFromConnack);
        if (observed.closed) expect(observed.events.at(-1)).toMatch(/^disconnected ERR_/);
      }),
      runs(1500),
    );
  });

  it("a mutated stream that begins with CONNACK gives the same for every split", () => {
    const first = fc.record({ sessionPresent: fc.boolean(), returnCode: fc.constantFrom(0, 0, 0, 1, 5, 6, 255) });
    fc.assert(
      fc.property(first, mutatedStream, cuts, (fields, rest, shares) => {
        expectSameForEverySplit(concat(connack(fields), rest), shares, playFromConnack);
      }),
      runs(2000),
    );
  });
});
