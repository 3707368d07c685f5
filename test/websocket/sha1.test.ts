import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha1 } from "../../src/websocket/sha1.js";
import { hex, utf8 } from "../support/packets.js";

describe("SHA-1", () => {
  it.each([
    ["abc", "A9993E36 4706816A BA3E2571 7850C26C 9CD0D89D"],
    ["abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983E44 1C3BD26E BAAE4AA1 F95129E5 E54670F1"],
    ["a".repeat(1_000_000), "34AA973C D4C4DAA4 F61EEB2B DBAD2731 6534016F"],
    ["01234567".repeat(80), "DEA356A2 CDDD90C7 A7ECEDC5 EBB56393 4F460452"],
  ])("is that of RFC 3174 (7.3) for its test %#", (message, digest) => {
    expect(sha1(utf8(message))).toEqual(hex(digest));
  });

  it("is that of Node.js for messages around the borders of blocks", () => {
    for (let length = 0; length <= 260; length++) {
      const message = Uint8Array.from({ length }, (_, at) => at * 7);
      expect(Buffer.from(sha1(message)).toString("hex")).toBe(createHash("sha1").update(message).digest("hex"));
    }
  });

  it("is that of Node.js for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (message) => {
        expect(Buffer.from(sha1(message)).toString("hex")).toBe(createHash("sha1").update(message).digest("hex"));
      }),
    );
  });
});
