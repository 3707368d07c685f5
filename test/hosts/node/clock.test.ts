import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NodeClock } from "../../../hosts/node/index.js";

const THIRTY_DAYS = 30 * 24 * 60 * 60 * 1000;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("Node's clock", () => {
  it("moves forward in milliseconds", () => {
    const clock = new NodeClock();
    const before = clock.now();
    vi.advanceTimersByTime(250);
    expect(clock.now() - before).toBe(250);
  });
});

describe("a timer of Node's clock", () => {
  it("fires once, after the delay, and can be scheduled again", () => {
    const callback = vi.fn();
    const timer = new NodeClock().createTimer(callback);
    vi.advanceTimersByTime(1000);
    expect(callback).not.toHaveBeenCalled();
    timer.schedule(100);
    vi.advanceTimersByTime(99);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1000);
    expect(callback).toHaveBeenCalledOnce();
    timer.schedule(100);
    vi.advanceTimersByTime(100);
    expect(callback).toHaveBeenCalledTimes(2);
  });

  it("forgets the earlier call when it is scheduled again", () => {
    const callback = vi.fn();
    const timer = new NodeClock().createTimer(callback);
    timer.schedule(100);
    vi.advanceTimersByTime(50);
    timer.schedule(100);
    vi.advanceTimersByTime(99);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1000);
    expect(callback).toHaveBeenCalledOnce();
  });

  it("does not fire after cancel", () => {
    const callback = vi.fn();
    const timer = new NodeClock().createTimer(callback);
    timer.schedule(100);
    timer.cancel();
    vi.advanceTimersByTime(1000);
    expect(callback).not.toHaveBeenCalled();
  });

  it("takes delays that setTimeout does not know", () => {
    const callback = vi.fn();
    new NodeClock().createTimer(callback).schedule(THIRTY_DAYS);
    vi.advanceTimersByTime(THIRTY_DAYS - 1);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledOnce();
  });
});
