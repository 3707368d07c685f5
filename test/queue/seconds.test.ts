import { expect, it } from "vitest";
import type { Clock } from "mqtt-xs";
import { Seconds } from "../../src/queue/seconds.js";

/** A clock that shows these milliseconds, one after the other. */
function showing(...times: number[]): Clock {
  return { now: () => times.shift() ?? 0, createTimer: () => ({ schedule: () => undefined, cancel: () => undefined }) };
}

it("counts on from its start, also where the clock wraps", () => {
  const seconds = new Seconds(showing(2 ** 32 - 1_500, 2 ** 32 - 500, 500), undefined, 10);
  expect([seconds.now(), seconds.now()]).toEqual([11, 12]);
  const signed = new Seconds(showing(2 ** 31 - 1_500, -(2 ** 31) + 500), undefined, 10);
  expect(signed.now()).toBe(12);
});

it("stands still where the clock is set back", () => {
  const seconds = new Seconds(showing(100_000, 40_000, 45_000), undefined, 10);
  expect([seconds.now(), seconds.now()]).toEqual([10, 15]);
});

it("tells the time of day, as far as it is known", () => {
  let time = 12.5;
  const seconds = new Seconds(showing(0), () => time, 10);
  expect(seconds.now()).toBe(0);
  time = 1_800_000_000.7;
  expect(seconds.now()).toBe(1_800_000_000);
});
