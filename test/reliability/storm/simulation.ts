import { Broker, type BrokerLimits } from "./broker.js";
import { Course } from "./course.js";
import { makeDevice } from "./device.js";
import type { Policy } from "./policies.js";
import { randomNumbers } from "./random.js";
import { VirtualTime } from "./virtual-time.js";

/** What is simulated. */
export interface Storm extends BrokerLimits {
  readonly devices: number;
  /** Whole seconds that the broker is gone. */
  readonly outage: number;
  readonly seed: number;
}

/** What the broker can do unless told otherwise. */
export const LIMITS: BrokerLimits = { acceptRate: 500, backlog: 1_000, connackDelay: 20, refusalCost: 0.1 };

/** Milliseconds in which the devices connect before the outage, and for which all of them are connected then at least. */
const ARRIVAL = 60_000;
const CALM = 30_000;

/** Seconds after the broker's return when those that are not connected by then are given up. */
export const PATIENCE = 300;

/**
 * Has devices connect to a broker that then fails, and returns, until all are connected again. Each device is a `Client`; time,
 * network and broker are virtual. The same result for the same seed.
 */
export function simulate(storm: Storm, policy: Policy): Course {
  const time = new VirtualTime();
  const broker = new Broker(time);
  const course = new Course(storm.devices, storm.outage, time);
  const random = randomNumbers(storm.seed);
  for (let count = 0; count < storm.devices; count++) {
    const device = makeDevice(time, broker, policy, random, course);
    time.after(random() * ARRIVAL, () => device.connect());
  }
  time.run(ARRIVAL + CALM);
  course.begin();
  broker.onAttempt = () => course.countAttempt();
  broker.fail();
  for (let second = 0; second < storm.outage + PATIENCE && !course.isOver; second++) {
    if (second === storm.outage) broker.recover(storm);
    time.run(ARRIVAL + CALM + (second + 1) * 1_000);
    course.endSecond();
  }
  return course;
}
