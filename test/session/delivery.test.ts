import { describe, expect, it } from "vitest";
import {
  afterAcknowledgement,
  AWAITING_PUBACK,
  AWAITING_PUBCOMP,
  AWAITING_PUBREC,
  DONE,
} from "../../src/session/delivery.js";
import { PUBACK, PUBCOMP, PUBREC } from "../../src/wire/packet-type.js";

const NOBODY_WAITS = -1;

// A message that is DONE has left the outbox, so no acknowledgement finds it.
describe("every acknowledgement in every state", () => {
  it.each([
    ["AWAITING_PUBACK", AWAITING_PUBACK, "PUBACK", PUBACK, DONE],
    ["AWAITING_PUBACK", AWAITING_PUBACK, "PUBREC", PUBREC, NOBODY_WAITS],
    ["AWAITING_PUBACK", AWAITING_PUBACK, "PUBCOMP", PUBCOMP, NOBODY_WAITS],
    ["AWAITING_PUBREC", AWAITING_PUBREC, "PUBACK", PUBACK, NOBODY_WAITS],
    ["AWAITING_PUBREC", AWAITING_PUBREC, "PUBREC", PUBREC, AWAITING_PUBCOMP],
    ["AWAITING_PUBREC", AWAITING_PUBREC, "PUBCOMP", PUBCOMP, NOBODY_WAITS],
    ["AWAITING_PUBCOMP", AWAITING_PUBCOMP, "PUBACK", PUBACK, NOBODY_WAITS],
    ["AWAITING_PUBCOMP", AWAITING_PUBCOMP, "PUBREC", PUBREC, AWAITING_PUBCOMP],
    ["AWAITING_PUBCOMP", AWAITING_PUBCOMP, "PUBCOMP", PUBCOMP, DONE],
  ])("%s (%i), %s (%i): %i", (_state, state, _acknowledgement, acknowledgement, expected) => {
    expect(afterAcknowledgement(state, acknowledgement)).toBe(expected);
  });
});
