/** Bytes of a block. */
export const BLOCK = 64;
/** Words that a block is expanded to, one for each round. */
const ROUNDS = 64;

/** What SHA-256 works with, in about 700 bytes: made when it is needed, and then dropped. */
export interface Sha256 {
  /** The 16 words of a block, which `compress` leaves as they are, and behind them those that it expands them to. */
  readonly block: Int32Array;
  /** What every digest begins with (FIPS 180-4, 5.3.3). */
  readonly initial: Int32Array;
  /** One for each round (4.2.2). */
  readonly constants: Int32Array;
}

/** Computes the constants, which takes as long as nine blocks. */
export function sha256(): Sha256 {
  const initial = new Int32Array(8);
  const constants = new Int32Array(ROUNDS);
  // Fractions of the roots of primes: much smaller than a table. All of them lie so far from the next integer that the last
  // bits of a root do not matter.
  for (let prime = 2, count = 0; count < ROUNDS; prime++) {
    let divisor = 2;
    while (prime % divisor > 0) divisor++;
    if (divisor < prime) continue;
    initial[count] = Math.sqrt(prime) * 2 ** 32; // of those that there is room for
    constants[count++] = Math.cbrt(prime) * 2 ** 32;
  }
  return { block: new Int32Array(ROUNDS), initial, constants };
}

/**
 * Takes in the block (FIPS 180-4, 6.2.2). Allocates nothing; XS needs about 11,000 metering units.
 * @param from what the blocks before have come to, 8 words. @param to takes what comes of it; may be `from`, or the block itself.
 */
export function compress(sha: Sha256, from: Int32Array, to: Int32Array): void {
  const block = sha.block;
  const constants = sha.constants;
  // Locals are many times as fast as elements: each element is read but once.
  let word = block[0];
  let later = block[14];
  let last = block[15];
  for (let t = 16; t < ROUNDS; t++) {
    const next = block[t - 15];
    word =
      (word +
        (((next >>> 7) | (next << 25)) ^ ((next >>> 18) | (next << 14)) ^ (next >>> 3)) +
        block[t - 7] +
        (((later >>> 17) | (later << 15)) ^ ((later >>> 19) | (later << 13)) ^ (later >>> 10))) |
      0;
    later = last;
    block[t] = last = word;
    word = next;
  }
  let a = from[0];
  let b = from[1];
  let c = from[2];
  let d = from[3];
  let e = from[4];
  let f = from[5];
  let g = from[6];
  let h = from[7];
  for (let t = 0; t < ROUNDS; t++) {
    const sum =
      h +
      (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) +
      (g ^ (e & (f ^ g))) +
      constants[t] +
      block[t];
    h = g;
    g = f;
    f = e;
    e = (d + sum) | 0;
    d = c;
    c = b;
    b = a;
    a = (sum + (((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) + ((a & c) | (d & (a | c)))) | 0;
  }
  to[0] = from[0] + a;
  to[1] = from[1] + b;
  to[2] = from[2] + c;
  to[3] = from[3] + d;
  to[4] = from[4] + e;
  to[5] = from[5] + f;
  to[6] = from[6] + g;
  to[7] = from[7] + h;
}

/**
 * The digest of a message, in words. Allocates about twice the message.
 * @param from what has been taken in before, and @param before its bytes: whole blocks.
 */
export function digest(sha: Sha256, message: Uint8Array, from = sha.initial, before = 0): Int32Array {
  const length = message.length;
  // A 1 bit, zeros, and the length in bits in 64 (5.1.1), of which messages in memory need half.
  const padded = new Uint8Array(Math.ceil((length + 9) / BLOCK) * BLOCK);
  padded.set(message);
  padded[length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, 8 * (before + length));
  const state = from.slice();
  for (let at = 0; at < padded.length; ) {
    for (let word = 0; word < 16; word++, at += 4) sha.block[word] = view.getInt32(at);
    compress(sha, state, state);
  }
  return state;
}

/** The bytes of a digest. */
export function bytesOf(words: Int32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(32));
  for (let word = 0; word < 8; word++) view.setInt32(4 * word, words[word]);
  return new Uint8Array(view.buffer);
}
