import { beforeAll, describe, expect, it } from "vitest";
import type { Course } from "./course.js";
import { BACKOFF, EVERY_SECOND } from "./policies.js";
import { simulate, type Storm } from "./simulation.js";

// A tenth of what `npm run storm` simulates, in everything.
const STORM: Storm = { devices: 1_000, outage: 60, acceptRate: 50, backlog: 100, connackDelay: 20, refusalCost: 1, seed: 1 };

/** The broker cannot accept all of them in less time, in seconds. */
const SHORTEST = STORM.devices / STORM.acceptRate;

describe("1,000 devices that lose one broker for a minute", () => {
  let own: Course;
  let fixed: Course;

  beforeAll(() => {
    own = simulate(STORM, BACKOFF);
    fixed = simulate(STORM, EVERY_SECOND);
  });

  it("are all connected again within 65 seconds of its return, 60 of which may be the last wait", () => {
    expect(own.isOver).toBe(true);
    expect(own.recovery(100)).toBeLessThan(65);
    expect(own.recovery(50)).toBeLessThan(25);
  });

  it("do not ask for more connections at its return than it can accept", () => {
    expect(own.peakAtReturn).toBeLessThan(STORM.acceptRate);
  });

  it("ask for less than a tenth of the connections that they would with fixed retries", () => {
    expect(fixed.peakAtReturn).toBeGreaterThan(0.8 * STORM.devices);
    expect(own.peakAtReturn).toBeLessThan(fixed.peakAtReturn / 10);
    expect(own.failures).toBeLessThan(fixed.failures / 8);
  });

  it("come again together only once: a second after the loss they are fewer each time", () => {
    const [first, , third, ...rest] = own.seconds.slice(0, STORM.outage).map(({ attempts }) => attempts);
    expect(third).toBeLessThan(first);
    expect(Math.max(...rest.slice(20))).toBeLessThan(first / 10);
  });

  it("do the same for the same seed, and something else for another one", () => {
    expect(simulate(STORM, BACKOFF).seconds).toEqual(own.seconds);
    expect(simulate({ ...STORM, seed: 2 }, BACKOFF).seconds).not.toEqual(own.seconds);
  });
});

it("twice as many for such a broker never come back with fixed retries: refusing keeps it from accepting", () => {
  // Smaller by five in everything, which takes less time.
  const storm: Storm = { ...STORM, devices: 400, acceptRate: 10, backlog: 20, refusalCost: 5 };
  expect(simulate(storm, EVERY_SECOND).isOver).toBe(false);
  expect(simulate(storm, BACKOFF).recovery(100)).toBeLessThan(100);
});

describe("the broker of the simulation", () => {
  it.each([BACKOFF, EVERY_SECOND])("accepts no more in a second than it can ($name)", (policy) => {
    const course = simulate(STORM, policy);
    course.seconds.reduce((before, { connected }, second) => {
      if (second > 0) expect(connected - before).toBeLessThanOrEqual(STORM.acceptRate + 1);
      return connected;
    }, 0);
    expect(course.recovery(100)).toBeGreaterThan(SHORTEST);
  });

  it("accepts no one while it is gone", () => {
    const course = simulate(STORM, EVERY_SECOND);
    expect(course.seconds.slice(0, STORM.outage).every(({ connected }) => connected === 0)).toBe(true);
  });

  it("refuses no one whom it has room for", () => {
    const ample: Storm = { ...STORM, acceptRate: 1_000_000, backlog: 1_000_000 };
    const course = simulate(ample, EVERY_SECOND);
    expect(course.seconds.slice(STORM.outage).reduce((sum, { attempts }) => sum + attempts, 0)).toBe(STORM.devices);
    expect(course.recovery(100)).toBeLessThan(1 + 0.8); // a second, and four ways there and back
  });
});
