import { expect, it } from "vitest";
import { malformed, violation } from "../../src/codec/packet.js";

it("malformed and violation are both the fault of the server, and say what was wrong", () => {
  expect(malformed("flags")).toMatchObject({ code: "ERR_MALFORMED_PACKET", fault: "server", message: "malformed packet: flags" });
  expect(violation("twice")).toMatchObject({ code: "ERR_PROTOCOL", fault: "server", message: "protocol violation: twice" });
});
