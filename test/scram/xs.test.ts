import { pbkdf2Sync } from "node:crypto";
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { run, type RunReport } from "../../hosts/sim/runner.js";
import { Reports } from "../sim/host/program.js";
import { RFC_7677 } from "./server.js";

vi.setConfig({ testTimeout: 120_000 });

/** Bytes that break UTF-8: truncated, alone, overlong, surrogates, or past U+10FFFF. */
const NO_UTF8 = ["c3", "e282", "80", "c0af", "e080af", "f08080af", "eda080", "edbfbf", "f4908080", "f8888080", "ff"];

/** What an iteration may cost; it is 23,617 units now. */
const CEILING = 24_000;

async function runProgram(name: string, ...given: string[]): Promise<RunReport & { reports: Reports }> {
  const reports = new Reports();
  const program = fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));
  const report = await run(program, { arguments: given, onReport: reports.take, timeout: 60_000 });
  expect(report).toMatchObject({ reason: "finished", errors: "" });
  return { ...report, reports };
}

describe("on XS", () => {
  it.each(["at once", "deferred"])("the exchange of RFC 7677 (3) is had, %s, and had again with the keys of before", async (how) => {
    const { trace, reports } = await runProgram("exchange", how, RFC_7677.serverFirst, RFC_7677.serverFinal);
    const messages = [RFC_7677.clientFirst, RFC_7677.clientFinal];
    const [first] = reports.get("first");
    const [again] = reports.get("again");
    const [slice] = reports.get("slice");
    process.stdout.write(`${how}: ${first} units, again ${again}, the longest slice ${slice}\n`);
    expect(trace.slice(0, 4)).toEqual([...messages, ...messages]);
    expect(again).toBeLessThan(first / 100);
    expect(slice).toBeLessThan(how === "deferred" ? 30 * CEILING : 1);
  });

  it("what is no UTF-8 and what the server regrets is refused, and text stays as it is where there is no normalize", async () => {
    const { trace } = await runProgram("exchange", "at once", RFC_7677.serverFirst, RFC_7677.serverFinal, ...NO_UTF8);
    expect(trace.slice(4)).toEqual([
      ...NO_UTF8.map(() => "MqttError: SCRAM: expected UTF-8 of up to 1024 bytes"),
      "MqttError: SCRAM: the server says invalid-proof",
      Buffer.from("n,,n=\u00c4\uff50,r=x").toString("latin1"),
    ]);
  });

  it("4,096 iterations allocate nothing, and come to what node:crypto makes of them", async () => {
    const { reports } = await runProgram("iterations");
    const [slots, chunkBytes, collections, units] = reports.get("iterations");
    const [memorySlots, memoryBytes] = reports.get("memory");
    process.stdout.write(`4,096 iterations: ${units} units, ${Math.round(units / 4_094)} each; ${memorySlots} slots, ${memoryBytes} bytes of chunks meanwhile\n`);
    expect({ slots, chunkBytes, collections }).toEqual({ slots: 0, chunkBytes: 0, collections: 0 });
    expect(units / 4_094).toBeLessThan(CEILING);
    expect(reports.get("key")).toEqual([...pbkdf2Sync("pencil", "salt", 4_096, 32, "sha256")]);
  });
});
