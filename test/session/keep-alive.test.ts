import { describe, expect, it } from "vitest";
import { DEAD, KeepAlive, SEND_PINGREQ } from "../../src/session/keep-alive.js";

// Also on clocks that wrap at 2^32 during the test: only differences count.
describe.each([0, 2 ** 32 - 1, 2 ** 32 - 5_000, 2 ** 32 - 10_000, 2 ** 31 - 5_000])("on a clock that starts at %i", (start) => {
  const at = (milliseconds: number): number => (start + milliseconds) % 2 ** 32;

  function keepAliveOf10Seconds(): KeepAlive {
    const keepAlive = new KeepAlive(10);
    keepAlive.reset(at(0));
    return keepAlive;
  }

  it("is due a tenth before Keep Alive is over", () => {
    const keepAlive = keepAliveOf10Seconds();
    expect(keepAlive.interval).toBe(9_000);
    expect(keepAlive.check(at(0))).toBe(9_000);
    expect(keepAlive.check(at(8_999))).toBe(1);
    expect(keepAlive.check(at(9_000))).toBe(SEND_PINGREQ);
    expect(keepAlive.check(at(20_000))).toBe(SEND_PINGREQ); // a late timer
  });

  it("is put off by whatever is sent", () => {
    const keepAlive = keepAliveOf10Seconds();
    keepAlive.sent(at(6_000));
    expect(keepAlive.check(at(9_000))).toBe(6_000);
    expect(keepAlive.check(at(15_000))).toBe(SEND_PINGREQ);
  });

  it("waits for the answer for half of Keep Alive", () => {
    const keepAlive = keepAliveOf10Seconds();
    expect(keepAlive.pinging(true, at(9_000))).toBe(5_000);
    keepAlive.sent(at(9_000));
    expect(keepAlive.check(at(9_001))).toBe(4_999);
    expect(keepAlive.check(at(13_999))).toBe(1);
    expect(keepAlive.check(at(14_000))).toBe(DEAD);
  });

  it("is not fooled, while it waits, by what is sent", () => {
    const keepAlive = keepAliveOf10Seconds();
    keepAlive.pinging(true, at(9_000));
    keepAlive.sent(at(13_000));
    expect(keepAlive.check(at(14_000))).toBe(DEAD);
  });

  it("counts on from the PINGREQ when the answer came", () => {
    const keepAlive = keepAliveOf10Seconds();
    keepAlive.pinging(true, at(9_000));
    keepAlive.answered();
    expect(keepAlive.check(at(14_000))).toBe(4_000);
    expect(keepAlive.check(at(18_000))).toBe(SEND_PINGREQ);
  });

  it("gives a PINGREQ that cannot be written as long as one that is not answered", () => {
    const keepAlive = keepAliveOf10Seconds();
    expect(keepAlive.pinging(false, at(9_000))).toBe(5_000);
    expect(keepAlive.check(at(13_999))).toBe(1);
    expect(keepAlive.check(at(14_000))).toBe(DEAD);
  });

  it("is well again as soon as something could be sent in place of that PINGREQ", () => {
    const keepAlive = keepAliveOf10Seconds();
    keepAlive.pinging(false, at(9_000));
    keepAlive.sent(at(12_000));
    expect(keepAlive.check(at(14_000))).toBe(7_000);
  });

  it("starts over with a connection", () => {
    const keepAlive = keepAliveOf10Seconds();
    keepAlive.pinging(true, at(9_000));
    keepAlive.reset(at(30_000));
    expect(keepAlive.check(at(38_999))).toBe(1);
  });
});

describe("Keep Alive", () => {
  it("of 0 seconds has no interval", () => {
    expect(new KeepAlive(0).interval).toBe(0);
  });

  it("of 65,535 seconds, the most there is, does not overflow", () => {
    const keepAlive = new KeepAlive(65_535);
    keepAlive.reset(0);
    expect(keepAlive.interval).toBe(58_981_500);
    expect(keepAlive.check(58_981_499)).toBe(1);
    expect(keepAlive.check(58_981_500)).toBe(SEND_PINGREQ);
  });
});
