import { beforeEach, describe, expect, it } from "vitest";
import { DeviceClock } from "../../../hosts/device/index.js";
import Timer from "../../support/device-modules/timer.js";

let clock: DeviceClock;
let fired: number[];

beforeEach(() => {
  Timer.reset();
  clock = new DeviceClock();
  fired = [];
});

const record = (): void => {
  fired.push(clock.now());
};

describe("a timer of the device's clock", () => {
  it("does nothing until it is scheduled", () => {
    clock.createTimer(record);
    Timer.advance(1000);
    expect(fired).toEqual([]);
  });

  it("fires once, after the delay", () => {
    clock.createTimer(record).schedule(100);
    Timer.advance(1000);
    expect(fired).toEqual([100]);
  });

  it("can be scheduled again after it has fired, with the same SDK timer", () => {
    const timer = clock.createTimer(record);
    timer.schedule(100);
    Timer.advance(150);
    timer.schedule(100);
    Timer.advance(150);
    expect(fired).toEqual([100, 250]);
    expect(Timer.count).toBe(1);
  });

  it("can be scheduled again from its own callback", () => {
    const timer = clock.createTimer(() => {
      record();
      if (fired.length < 3) timer.schedule(fired.length * 10);
    });
    timer.schedule(10);
    Timer.advance(1000);
    expect(fired).toEqual([10, 20, 40]);
  });

  it("forgets the earlier call when it is scheduled again", () => {
    const timer = clock.createTimer(record);
    timer.schedule(100);
    Timer.advance(50);
    timer.schedule(100);
    Timer.advance(1000);
    expect(fired).toEqual([150]);
  });

  it("does not fire after cancel, and can be scheduled again", () => {
    const timer = clock.createTimer(record);
    timer.schedule(100);
    timer.cancel();
    timer.cancel();
    Timer.advance(200);
    expect(fired).toEqual([]);
    timer.schedule(5);
    Timer.advance(10);
    expect(fired).toEqual([205]);
  });

  it.each([0, 0.4, -1])("takes a delay of %d as the next millisecond", (delay) => {
    const timer = clock.createTimer(record);
    timer.schedule(delay);
    Timer.advance(10);
    timer.schedule(delay);
    Timer.advance(10);
    expect(fired).toEqual([1, 11]);
  });

  it("takes the longest delay that a device's timer knows", () => {
    const timer = clock.createTimer(record);
    timer.schedule(2 ** 31 - 1);
    Timer.advance(1000);
    expect(fired).toEqual([]);
    timer.schedule(10);
    Timer.advance(1000);
    expect(fired).toEqual([1010]);
  });

  it("does not fire when another timer, due at the same time, puts it off", () => {
    const first = clock.createTimer(() => {
      second.schedule(50);
    });
    const second = clock.createTimer(record);
    second.schedule(10);
    first.schedule(10);
    Timer.advance(100);
    expect(fired).toEqual([60]);
  });
});
