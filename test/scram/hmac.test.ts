import { createHmac } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf } from "../../src/scram/sha256.js";
import { hmacKey, plainMac, sign } from "../../src/scram/hmac.js";
import { hex, utf8 } from "../support/packets.js";

const filled = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);

describe("HMAC-SHA-256", () => {
  it.each([
    [1, filled(20, 0x0b), utf8("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b 881dc200c9833da726e9376c2e32cff7"],
    [2, utf8("Jefe"), utf8("what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c7 5a003f089d2739839dec58b964ec3843"],
    [3, filled(20, 0xaa), filled(50, 0xdd), "773ea91e36800e46854db8ebd09181a7 2959098b3ef8c122d9635514ced565fe"],
    [4, Uint8Array.from({ length: 25 }, (_, at) => at + 1), filled(50, 0xcd), "82558a389a443c0ea4cc819899f2083a 85f0faa3e578f8077a2e3ff46729665b"],
    [
      6,
      filled(131, 0xaa),
      utf8("Test Using Larger Than Block-Size Key - Hash Key First"),
      "60e431591ee0b67f0d8a26aacbf5b77f 8e0bc6213728c5140546040f0ee37f54",
    ],
    [
      7,
      filled(131, 0xaa),
      utf8(
        "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.",
      ),
      "9b09ffa71b942fcb27635fbcd5b0e944 bfdc63644f0713938a7f51535c3a35e2",
    ],
  ])("is that of RFC 4231 for its test case %i", (_number, key, message, expected) => {
    expect(plainMac(key)(message)).toEqual(hex(expected));
  });

  it("is that of RFC 4231 for its test case 5, which shows the first 128 bits", () => {
    expect(plainMac(filled(20, 0x0c))(utf8("Test With Truncation")).subarray(0, 16)).toEqual(hex("a3b6167473100ee06e0c796c2955552b"));
  });

  it("is that of Node.js for any key and message", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 140 }), fc.uint8Array({ maxLength: 140 }), (key, message) => {
        expect(plainMac(key)(message)).toEqual(new Uint8Array(createHmac("sha256", key).update(message).digest()));
      }),
    );
  });

  it("is the same for the same message, whatever has been signed before", () => {
    const key = hmacKey(utf8("Jefe"));
    const first = bytesOf(sign(key, utf8("one")));
    expect(bytesOf(sign(key, utf8("two")))).not.toEqual(first);
    expect(bytesOf(sign(key, utf8("one")))).toEqual(first);
  });
});
