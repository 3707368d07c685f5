import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf, digest, sha256 } from "../../src/scram/sha256.js";
import { hex, utf8 } from "../support/packets.js";

const digestOf = (message: Uint8Array): Uint8Array => bytesOf(digest(sha256(), message));

describe("SHA-256", () => {
  it.each([
    ["nothing", "", "e3b0c442 98fc1c14 9afbf4c8 996fb924 27ae41e4 649b934c a495991b 7852b855"],
    ["24 bits", "abc", "ba7816bf 8f01cfea 414140de 5dae2223 b00361a3 96177a9c b410ff61 f20015ad"],
    [
      "448 bits",
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61 d20638b8 e5c02693 0c3e6039 a33ce459 64ff2167 f6ecedd4 19db06c1",
    ],
    [
      "896 bits",
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a7 78af8380 036ce59e 7b049237 0b249b11 e8f07a51 afac4503 7afee9d1",
    ],
    ["a million bytes", "a".repeat(1_000_000), "cdc76e5c 9914fb92 81a1c7e2 84d73e67 f1809a48 a497200e 046d39cc c7112cd0"],
  ])("is that of FIPS 180-4 for %s", (_length, message, expected) => {
    expect(digestOf(utf8(message))).toEqual(hex(expected));
  });

  it("is that of Node.js for messages around the borders of blocks", () => {
    for (let length = 0; length <= 260; length++) {
      const message = Uint8Array.from({ length }, (_, at) => at * 7);
      expect(digestOf(message)).toEqual(new Uint8Array(createHash("sha256").update(message).digest()));
    }
  });

  it("is that of Node.js for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (message) => {
        expect(digestOf(message)).toEqual(new Uint8Array(createHash("sha256").update(message).digest()));
      }),
    );
  });

  it("begins with the fractions of square roots, and has those of cube roots, as FIPS 180-4 lists them (4.2.2, 5.3.3)", () => {
    const { initial, constants } = sha256();
    const words = (list: Int32Array): string => [...list].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join(" ");
    expect(words(initial)).toBe("6a09e667 bb67ae85 3c6ef372 a54ff53a 510e527f 9b05688c 1f83d9ab 5be0cd19");
    expect(words(constants.subarray(0, 8))).toBe("428a2f98 71374491 b5c0fbcf e9b5dba5 3956c25b 59f111f1 923f82a4 ab1c5ed5");
    expect(words(constants.subarray(56))).toBe("748f82ee 78a5636f 84c87814 8cc70208 90befffa a4506ceb bef9a3f7 c67178f2");
  });

  it("does not depend on the last bits of a root, which platforms may compute differently", () => {
    const primes = Array.from({ length: 312 }, (_, number) => number).filter(
      (number) => number > 1 && !Array.from({ length: number - 2 }, (_, at) => number % (at + 2)).includes(0),
    );
    expect(primes).toHaveLength(64);
    for (const root of [...primes.map(Math.cbrt), ...primes.slice(0, 8).map(Math.sqrt)]) {
      const fraction = (root * 2 ** 32) % 1;
      const lastBit = root * 2 ** 32 * Number.EPSILON;
      expect(Math.min(fraction, 1 - fraction)).toBeGreaterThan(100 * lastBit);
    }
  });
});
