import { Client } from "mqtt-xs";
import { expect, it } from "vitest";
import { randomNumbers } from "../storm/random.js";
import { AwkwardClock } from "./awkward-clock.js";
import { acceptance, type LifeOptions, live } from "./life.js";

it.each([1, 0.99, 0.9, 0.5])("timers that fire after %d of their time or more change nothing", (least) => {
  const random = randomNumbers(1);
  const clock = new AwkwardClock({ delay: (milliseconds) => milliseconds * (least + random() * (1 - least)) });
  const begin = (options: LifeOptions): void => new Client({ ...options, keepalive: 10 }).connect();
  const log = live(clock, [{ open: 0, connack: 0 }], 60_000, begin, acceptance);
  const pingreqs = log.filter((line) => line.endsWith("PINGREQ")).map((line) => Math.round(parseInt(line) / 100));
  expect(pingreqs).toEqual([90, 180, 270, 360, 450, 540]);
  expect(log).not.toContainEqual(expect.stringContaining("ERR_"));
});
