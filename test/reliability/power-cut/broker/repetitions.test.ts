import { expect, it } from "vitest";
import { repetitionsIn } from "./repetitions.js";

const published = "1795438773: Sending PUBLISH to device (d0, q2, r0, m171, 'in/command', ... (10 bytes))";
const repeated = "1795438773: Sending PUBLISH to device (d1, q2, r0, m171, 'in/command', ... (10 bytes))";
const received = "1795438773: Received PUBREC from device (Mid: 171)";
const released = "1795438773: Sending PUBREL to device (m171)";
const complete = "1795438773: Received PUBCOMP from device (Mid: 171, RC:0)";
const another = "1795438773: Sending PUBLISH to device (d1, q2, r0, m172, 'in/a', ... (17 bytes))";
const count = (...lines: readonly string[]): number => repetitionsIn(lines.join("\n"));

it("finds in mosquitto's log what it has sent again against the standard", () => {
  expect(count(published, received, released, repeated)).toBe(1);
  expect(count(published, received, released, repeated, received, released, complete)).toBe(1);
});

it("has nothing against what may be sent again", () => {
  expect(count(published, repeated, received, released, complete)).toBe(0);
  expect(count(published, received, released, released, complete, published, received)).toBe(0);
  expect(count(published, received, released, another)).toBe(0);
});
