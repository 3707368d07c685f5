import * as fc from "fast-check";
import { expect, it } from "vitest";
import { acceptOf } from "../../src/websocket/accept.js";
import { acceptFor } from "./handshake-peer.js";

it("the answer to a key is that of the example in RFC 6455 (1.3)", () => {
  expect(acceptOf("dGhlIHNhbXBsZSBub25jZQ==")).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});

it("the answer to any key is that of Node.js", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      const key = Buffer.from(bytes).toString("base64");
      expect(acceptOf(key)).toBe(acceptFor(key));
    }),
  );
});
