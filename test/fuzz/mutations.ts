import * as fc from "fast-check";
import { concat } from "../support/packets.js";
import { encode, serverPackets } from "./generators.js";

/** One thing that goes wrong with a stream, at a place given as a share of its length. */
type Mutation =
  | { readonly kind: "flip"; readonly place: number; readonly bit: number }
  | { readonly kind: "insert"; readonly place: number; readonly bytes: Uint8Array }
  | { readonly kind: "delete"; readonly place: number; readonly count: number }
  | { readonly kind: "repeat packet"; readonly place: number }
  | { readonly kind: "cut off"; readonly place: number };

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("flip" as const), place, bit: fc.nat(7) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("insert" as const), place, bytes: fc.uint8Array({ minLength: 1, maxLength: 6 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete" as const), place, count: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("repeat packet" as const), place }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cut off" as const), place }) },
);

/** Streams of these packets, after something has happened to them. */
export function mutated(packets: fc.Arbitrary<readonly Uint8Array[]>): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(packets, fc.array(mutation, { minLength: 1, maxLength: 3 }))
    .map(([parts, mutations]) => mutate([...parts], mutations));
}

/** Streams that were legal before something happened to them. */
export const mutatedStream = mutated(serverPackets.map((packets) => packets.map(encode)));

function mutate(parts: Uint8Array[], mutations: readonly Mutation[]): Uint8Array {
  for (const each of mutations) if (each.kind === "repeat packet") repeat(parts, each.place);
  return mutations.reduce(mutateBytes, concat(...parts));
}

function repeat(parts: Uint8Array[], share: number): void {
  const at = Math.floor(share * parts.length);
  parts.splice(at, 0, ...parts.slice(at, at + 1));
}

function mutateBytes(stream: Uint8Array, each: Mutation): Uint8Array {
  const at = Math.floor(each.place * stream.length);
  switch (each.kind) {
    case "flip":
      return stream.map((byte, index) => (index === at ? byte ^ (1 << each.bit) : byte));
    case "insert":
      return concat(stream.slice(0, at), each.bytes, stream.slice(at));
    case "delete":
      return concat(stream.slice(0, at), stream.slice(at + each.count));
    case "cut off":
      return stream.slice(0, at);
    case "repeat packet":
      return stream;
  }
}

/**
 * Whether a server says PUBREC and then PUBCOMP for the same message, which it could only do honestly in two turns: the
 * PUBCOMP answers a PUBREL. When both come at once, a client may overlook such a PUBCOMP, as it does any that answers
 * nothing that was sent.
 */
export function answersBeforeItIsAsked(stream: Uint8Array, own: readonly number[]): boolean {
  const released = new Set<number>();
  for (const { type, identifier } of acknowledgementsIn(stream)) {
    if (type === 5 && own.includes(identifier)) released.add(identifier);
    if (type === 7 && released.has(identifier)) return true;
  }
  return false;
}

function* acknowledgementsIn(stream: Uint8Array): Generator<{ type: number; identifier: number }> {
  let at = 0;
  while (at + 1 < stream.length) {
    const type = stream[at++] >> 4;
    let length = 0;
    for (let factor = 1; at < stream.length; factor *= 128) {
      const byte = stream[at++];
      length += (byte & 127) * factor;
      if (byte < 128) break;
    }
    if (length >= 2 && at + 1 < stream.length) yield { type, identifier: stream[at] * 256 + stream[at + 1] };
    at += length;
  }
}
