import { beforeAll, describe, expect, it } from "vitest";
import { Reports, runSource, useHost } from "./program.js";

/** An operation, and the slots and bytes of chunks that XS is known to take for it. */
type Row = readonly [operation: string, slots: number, chunkBytes: number];

const ROWS: readonly Row[] = [
  ["", 0, 0],
  ["sim.slots()", 0, 0],
  ["sim.report('steady', 1, 2.5)", 0, 0],
  ["bytes[3] = bytes[2]", 0, 0],
  ["bytes.set(view, 0)", 0, 0],
  ["bytes.copyWithin(0, 4)", 0, 0],
  ["bytes.fill(1)", 0, 0],
  ["data.setUint16(0, data.getUint16(2))", 0, 0],
  ["buffer.resize(10), buffer.resize(64)", 0, 0],
  ["Time.ticks + Time.microseconds + Math.min(1, 2.5)", 0, 0],
  ["Timer.schedule(timer, 60000, 1)", 0, 0],
  ["charCodeAt.call(text, 1)", 0, 0],
  ["box.twice(box.value)", 0, 0],
  ["try { box.value = 1 } catch { trace('never') }", 0, 0],
  ["map.set('key', map.get('key'))", 0, 0],
  ["text.length", 2, 0],
  ["text.charCodeAt(1)", 2, 0],
  ["({ one: 1 })", 2, 0],
  ["[1, 2]", 2, 80],
  ["bytes.subarray(1)", 4, 0],
  ["for (const byte of bytes) count = byte", 8, 0],
  ["Promise.resolve()", 26, 0],
];

const PROGRAM = `
  import sim from "sim";
  import Time from "time";
  import Timer from "timer";

  class Box {
    #value = 1;
    get value() { return this.#value; }
    set value(value: number) { this.#value = value; }
    twice(value: number) { return 2 * value; }
  }

  const buffer = new ArrayBuffer(64, { maxByteLength: 64 });
  const view = new Uint8Array(buffer);
  const bytes = new Uint8Array(64);
  const data = new DataView(new ArrayBuffer(8));
  const box = new Box();
  const map = new Map([["key", 1]]);
  const text = "text";
  const { charCodeAt } = String.prototype;
  const timer = Timer.repeat(() => {}, 60000);
  let count = 0;

  function measure(index: number, operation: () => void): void {
    operation();
    const slots = sim.slots(), chunkBytes = sim.chunkBytes(), meter = sim.meter();
    operation();
    const usedSlots = sim.slots() - slots, usedBytes = sim.chunkBytes() - chunkBytes, usedMeter = sim.meter() - meter;
    sim.report("row" + index, usedSlots, usedBytes, usedMeter);
  }

  ${ROWS.map(([operation], index) => `measure(${index}, () => { ${operation} });`).join("\n")}
  Timer.clear(timer);`;

useHost();

describe("the counters show to the slot and the byte what is allocated by", () => {
  const reports = new Reports();
  beforeAll(async () => {
    const { errors } = await runSource(PROGRAM, { onReport: reports.take });
    expect(errors).toBe("");
  });

  it.each(ROWS.map((row, index) => [index, ...row] as const))("row %i: %s", (index, _operation, slots, chunkBytes) => {
    expect(reports.get(`row${index}`).slice(0, 2)).toEqual([slots, chunkBytes]);
  });

  it("the meter, which runs on", () => {
    expect(reports.get("row0")[2]).toBeGreaterThan(0);
    expect(reports.get("row6")[2]).toBeGreaterThan(reports.get("row0")[2]);
  });
});

describe("the counters", () => {
  it("do not fall when garbage is collected", async () => {
    const reports = new Reports();
    await runSource(
      `import sim from "sim";
      const before = sim.slots();
      for (let i = 0; i < 10000; i++) ({ i });
      sim.report("slots", sim.slots() - before, sim.collections());`,
      { onReport: reports.take },
    );
    const [slots, collections] = reports.get("slots");
    expect(slots).toBe(20_000);
    expect(collections).toBeGreaterThan(3);
  });

  it("show that preloaded code copies its string literals, as on the device, and code in RAM does not", async () => {
    const reports = new Reports();
    const measure = (name: string): string =>
      `{ const before = sim.chunkBytes(); word(); const used = sim.chunkBytes() - before; sim.report("${name}", used); }`;
    await runSource(
      {
        "lib.ts": `export const word = () => "word";`,
        "main.ts": `import sim from "sim"; import { word as preloaded } from "./lib.js";
          { const word = preloaded; ${measure("preloaded")} }
          { const word = () => "word"; ${measure("own")} }`,
      },
      { onReport: reports.take },
    );
    expect(reports.get("preloaded")).toEqual([24]);
    expect(reports.get("own")).toEqual([0]);
  });

  it("have the SDK's names, too", async () => {
    const { trace } = await runSource(`
      import Instrumentation from "instrumentation";
      const what = Instrumentation.map("XS Slot Heap Used");
      trace(Instrumentation.name(what), " ", Instrumentation.get(what)! > 1000);
      trace(Instrumentation.get(Instrumentation.map("Timers")), Instrumentation.map("Pixels Drawn" as never));`);
    expect(trace).toEqual(["XS Slot Heap Used true", "0undefined"]);
  });
});
