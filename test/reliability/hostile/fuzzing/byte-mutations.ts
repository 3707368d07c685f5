import type { Random } from "../../../support/faulty-transport/random.js";

/** Bytes at which something changes. */
const REMARKABLE = [
  0, 1, 2, 4, 0x10, 0x7f, 0x80, 0x81, 0x82, 0xff, 0x20, 0x30, 0x32, 0x34, 0x40, 0x50, 0x62, 0x70, 0x90, 0xb0, 0xd0, 0xe0, 0xf0,
];
/** The most bytes that are put in, taken out or repeated at a time. */
const RANGE = 40;

type Mutation = (bytes: Uint8Array, random: Random, others: () => Uint8Array) => Uint8Array;

const flipBit: Mutation = (bytes, random) => changed(bytes, random, (byte) => byte ^ (1 << random.between(0, 7)));
const setByte: Mutation = (bytes, random) => changed(bytes, random, () => random.pick(REMARKABLE));
const anyByte: Mutation = (bytes, random) => changed(bytes, random, () => random.between(0, 255));
const count: Mutation = (bytes, random) => changed(bytes, random, (byte) => byte + random.between(-3, 3));

const insert: Mutation = (bytes, random) => {
  const added = Uint8Array.from({ length: random.between(1, 4) }, () => random.between(0, 255));
  return replaced(bytes, random.between(0, bytes.length), 0, added);
};

const remove: Mutation = (bytes, random) => replaced(bytes, ...rangeOf(bytes, random), new Uint8Array(0));

const repeat: Mutation = (bytes, random) => {
  const [start, length] = rangeOf(bytes, random);
  return replaced(bytes, random.between(0, bytes.length), 0, bytes.slice(start, start + length));
};

/** A stretch of something else, in the place of as much or in between. */
const splice: Mutation = (bytes, random, others) => {
  const other = others();
  const [start, length] = random.chance(0.5) ? [0, other.length] : rangeOf(other, random);
  const at = random.between(0, bytes.length);
  return replaced(bytes, at, random.chance(0.5) ? 0 : length, other.slice(start, start + length));
};

/** Takes away or puts in bytes of a packet's content, and has its Remaining Length tell the truth. */
const resizePacket: Mutation = (bytes, random, others) => {
  const all = [...packetsIn(bytes)];
  if (all.length === 0) return insert(bytes, random, others);
  const { start, content, end } = random.pick(all);
  const inside = random.pick([insert, remove, repeat, splice, setByte, count])(bytes.slice(content, end), random, others);
  const length = inside.length < 128 ? [inside.length] : [(inside.length & 127) | 128, inside.length >> 7];
  return replaced(bytes, start, end - start, Uint8Array.from([bytes[start], ...length, ...inside]));
};

/** One more or less, or as much as there is, in what may be a length of two bytes. */
const setLength: Mutation = (bytes, random) => {
  const at = random.between(0, Math.max(0, bytes.length - 2));
  const rest = bytes.length - at - 2;
  const value = random.pick([
    rest,
    rest - 1,
    rest + 1,
    (bytes[at] << 8) + bytes[at + 1] + 1,
    (bytes[at] << 8) + bytes[at + 1] - 1,
    0,
    0xffff,
  ]);
  return replaced(bytes, at, 2, Uint8Array.of(value >> 8, value));
};

const MUTATIONS: readonly Mutation[] = [
  flipBit,
  setByte,
  anyByte,
  count,
  insert,
  remove,
  repeat,
  splice,
  splice,
  resizePacket,
  resizePacket,
  setLength,
];

/** The bytes, changed in one way. @param others gives what to splice in. */
export function mutateBytes(bytes: Uint8Array, random: Random, others: () => Uint8Array): Uint8Array {
  return random.pick(MUTATIONS)(bytes, random, others);
}

function changed(bytes: Uint8Array, random: Random, change: (byte: number) => number): Uint8Array {
  const place = random.between(0, bytes.length - 1);
  return bytes.map((byte, at) => (at === place ? change(byte) : byte));
}

function rangeOf(bytes: Uint8Array, random: Random): [start: number, length: number] {
  const length = Math.min(1 + random.spread(RANGE), bytes.length);
  return [random.between(0, bytes.length - length), length];
}

function replaced(bytes: Uint8Array, at: number, length: number, instead: Uint8Array): Uint8Array {
  return Uint8Array.from([...bytes.subarray(0, at), ...instead, ...bytes.subarray(at + length)]);
}

interface PacketPlace {
  readonly start: number;
  readonly content: number;
  readonly end: number;
}

/** Where there are whole packets, as far as their lengths tell. */
function* packetsIn(bytes: Uint8Array): Generator<PacketPlace> {
  for (let start = 0; start + 1 < bytes.length;) {
    let content = start + 1;
    let length = 0;
    for (let factor = 1; content < bytes.length; factor *= 128) {
      const byte = bytes[content++];
      length += (byte & 127) * factor;
      if (byte < 128) break;
    }
    const end = content + length;
    if (end > bytes.length) return;
    yield { start, content, end };
    start = end;
  }
}
