import { describe, expect, it } from "vitest";
import { runSource, useHost } from "./program.js";

useHost();

const lines = async (body: string): Promise<readonly string[]> =>
  (await runSource(`import Timer from "timer"; import Time from "time";\n${body}`)).trace;

describe("a timer", () => {
  it("fires once, after its interval", async () => {
    expect(await lines(`
      const start = Time.ticks;
      Timer.set(() => trace("later ", Time.delta(start) >= 20), 20);
      trace("now");`)).toEqual(["now", "later true"]);
  });

  it("fires in the order of what is due", async () => {
    expect(await lines(`
      Timer.set(() => trace("c"), 200);
      Timer.set(() => trace("a"), 0);
      Timer.set(() => trace("b"), 100);`)).toEqual(["a", "b", "c"]);
  });

  it("repeats until it is cleared, also by its own callback", async () => {
    expect(await lines(`
      let count = 0;
      Timer.repeat((timer) => { trace(++count); if (count === 3) Timer.clear(timer); }, 2);`)).toEqual(["1", "2", "3"]);
  });

  it("takes a first interval and another one to repeat", async () => {
    expect(await lines(`
      const start = Time.ticks;
      let count = 0;
      Timer.set((timer) => {
        if (++count < 3) return;
        trace(Time.delta(start) >= 45);
        Timer.clear(timer);
      }, 5, 20);`)).toEqual(["true"]);
  });

  it("can be scheduled anew", async () => {
    expect(await lines(`
      const timer = Timer.set(() => trace("late"), 5);
      Timer.schedule(timer, 300);
      Timer.set(() => trace("early"), 20);`)).toEqual(["early", "late"]);
  });

  it("waits, without an interval, until it is scheduled again", async () => {
    expect(await lines(`
      const timer = Timer.repeat(() => { trace("fired"); Timer.schedule(timer); }, 1);
      Timer.set(() => { trace("again"); Timer.schedule(timer, 1, 1); }, 30);`)).toEqual(["fired", "again", "fired"]);
  });

  it("is gone once it has fired for the last time, as on the device", async () => {
    expect(await lines(`
      const timer = Timer.set(() => {}, 0);
      Timer.set(() => { try { Timer.schedule(timer, 1) } catch (error) { trace(error); } }, 20);
      Timer.set(() => Timer.clear(timer), 30);`)).toEqual([expect.stringContaining("SyntaxError")]);
  });

  it("stays alive without a reference, and keeps its callback", async () => {
    expect(await lines(`
      function start() { const word = "kept"; Timer.set(() => trace(word), 10); }
      start();
      for (let i = 0; i < 5000; i++) new Array(10);`)).toEqual(["kept"]);
  });

  it("runs promise jobs between callbacks", async () => {
    expect(await lines(`
      Timer.set(() => { trace("first"); Promise.resolve().then(() => trace("job")); }, 0);
      Timer.set(() => trace("second"), 0);`)).toEqual(["first", "job", "second"]);
  });
});
