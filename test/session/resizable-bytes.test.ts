import { expect, it } from "vitest";
import { resizableBytes } from "../../src/session/resizable-bytes.js";

it("resizableBytes tracks the length of its buffer, and gets its bytes back", () => {
  const bytes = resizableBytes(8);
  bytes[2] = 7;
  expect(bytes.length).toBe(8);
  if (!(bytes.buffer instanceof ArrayBuffer)) expect.fail("not an ArrayBuffer");
  bytes.buffer.resize(3);
  expect(Array.from(bytes)).toEqual([0, 0, 7]);
  bytes.buffer.resize(8);
  expect(bytes.length).toBe(8);
});
