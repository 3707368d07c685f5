import { describe, expect, it } from "vitest";
import { Reports, runSource, useHost } from "./program.js";

useHost();

/** Takes chunks of 1 kB, headers included, and reports how many fit. */
const FILL = `
  import sim from "sim";
  const all: Uint8Array[] = new Array(200);
  let count = 0;
  for (;;) { all[count] = new Uint8Array(1008); sim.report("count", ++count); }`;

async function kilobytesThatFit(heap: number): Promise<number> {
  const reports = new Reports();
  await runSource(FILL, { heap, onReport: reports.take });
  return reports.get("count")[0];
}

describe("the heap", () => {
  it("is as large as asked, beyond the idle engine", async () => {
    const small = await kilobytesThatFit(16_384);
    const large = await kilobytesThatFit(16_384 + 32_768);
    // An array of 1,008 bytes has 7 slots beside its chunk.
    const perArray = 1_024 + 7 * 32;
    const slack = 3 * perArray;
    expect((large - small) * perArray).toBeGreaterThan(32_768 - slack);
    expect((large - small) * perArray).toBeLessThan(32_768 + slack);
  });

  it("is 64 kB unless asked otherwise", async () => {
    const { errors, peakBytes } = await runSource(FILL);
    expect(errors).toContain("memory full");
    expect(peakBytes).toBeGreaterThan(60_000);
    expect(peakBytes).toBeLessThanOrEqual(65_536);
  });

  it("is used to the last, by slots or by chunks", async () => {
    const slots = await runSource("let list = null; for (;;) list = { list };");
    const chunks = await runSource("let text = 'x'; for (;;) text += text.slice(0, 100);");
    for (const { reason, peakBytes } of [slots, chunks]) {
      expect(reason).toBe("memory full");
      expect(peakBytes).toBeGreaterThan(30_000);
    }
  });

  it("is collected when it is full", async () => {
    const { reason, collections } = await runSource("for (let i = 0; i < 5000; i++) new Uint8Array(500);");
    expect(reason).toBe("finished");
    expect(collections).toBeGreaterThan(5);
  });

  it("can be collected at will", async () => {
    const reports = new Reports();
    await runSource(
      `import sim from "sim";
      sim.collect();
      const before = sim.collections();
      new Uint8Array(5000);
      const full = sim.chunkBytesInUse();
      sim.collect();
      sim.report("freed", full - sim.chunkBytesInUse());
      sim.report("collections", sim.collections() - before);`,
      { onReport: reports.take },
    );
    expect(reports.get("freed")[0]).toBeGreaterThanOrEqual(5_000);
    expect(reports.get("collections")[0]).toBeGreaterThan(0);
  });
});
