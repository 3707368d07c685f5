import { describe, expect, it } from "vitest";
import { randomNumbers } from "./random.js";
import { VirtualEvent, VirtualTime } from "./virtual-time.js";

describe("virtual time", () => {
  it("lets everything happen in order, what is planned for the same time in the order it was planned", () => {
    const random = randomNumbers(1);
    const time = new VirtualTime();
    const happened: number[] = [];
    const delays = Array.from({ length: 2_000 }, () => Math.floor(random() * 500));
    for (const [index, delay] of delays.entries()) time.after(delay, () => happened.push(index));
    time.run(1_000);
    expect(happened).toEqual([...delays.keys()].sort((left, right) => delays[left] - delays[right] || left - right));
  });

  it("forgets, and plans anew, in any order", () => {
    const random = randomNumbers(2);
    const time = new VirtualTime();
    const happened: number[] = [];
    const due = new Map<number, number>();
    const events = Array.from({ length: 200 }, (_, index) => new VirtualEvent(() => happened.push(index)));
    for (let step = 0; step < 5_000; step++) {
      const index = Math.floor(random() * events.length);
      const delay = 1 + step / 10_000 + Math.floor(random() * 1_000);
      if (random() < 0.3) time.forget(events[index]);
      else time.plan(events[index], delay);
      if (events[index].place < 0) due.delete(index);
      else due.set(index, delay);
    }
    time.run(2_000);
    expect(happened).toEqual([...due.keys()].sort((left, right) => (due.get(left) ?? 0) - (due.get(right) ?? 0)));
  });

  it("goes on from where it was, with what happens planning more", () => {
    const time = new VirtualTime();
    const happened: number[] = [];
    const again = new VirtualEvent(() => {
      happened.push(time.now);
      time.plan(again, 10);
    });
    time.plan(again, 10);
    time.run(35);
    expect(happened).toEqual([10, 20, 30]);
    expect(time.now).toBe(35);
    time.run(40);
    expect(happened).toEqual([10, 20, 30, 40]);
  });
});
