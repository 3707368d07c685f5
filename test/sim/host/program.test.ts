import { describe, expect, it } from "vitest";
import { runSource, useHost } from "./program.js";

useHost();

describe("a program", () => {
  it("traces lines", async () => {
    const { trace, reason, status } = await runSource(`trace("one"); trace("two", " and ", 3, "\\n"); trace("");`);
    expect(trace).toEqual(["one", "two and 3", ""]);
    expect(reason).toBe("finished");
    expect(status).toBe(0);
  });

  it("tells traces as they come", async () => {
    const lines: string[] = [];
    await runSource(`trace("a"); trace("b");`, { onTrace: (line) => lines.push(line) });
    expect(lines).toEqual(["a", "b"]);
  });

  it("starts with the entry's default export when that is a function", async () => {
    const { trace } = await runSource(`trace("module"); export default function () { trace("called"); }`);
    expect(trace).toEqual(["module", "called"]);
  });

  it("is given arguments", async () => {
    const source = `import sim from "sim"; trace(sim.argumentCount, sim.argument(0), sim.argument(1), sim.argument(2));`;
    const { trace } = await runSource(source, { arguments: ["a b", "--heap"] });
    expect(trace).toEqual(["2a b--heapundefined"]);
  });

  it("reports numbers", async () => {
    const reports: [string, number[]][] = [];
    await runSource(`import sim from "sim"; sim.report("x", 1, -0.5, 4294967295, NaN); sim.report("y");`, {
      onReport: (...report) => reports.push(report),
    });
    expect(reports).toEqual([
      ["x", [1, -0.5, 4_294_967_295, NaN]],
      ["y", []],
    ]);
  });

  it("ends with exit", async () => {
    const { reason, status, trace } = await runSource(
      `import sim from "sim"; import Timer from "timer"; Timer.repeat(() => {}, 10); sim.exit(3); trace("not reached");`,
    );
    expect({ reason, status, trace }).toEqual({ reason: "finished", status: 3, trace: [] });
  });

  it("is killed after its time", async () => {
    const { reason, status } = await runSource("for (;;);", { timeout: 300 });
    expect({ reason, status }).toEqual({ reason: "timeout", status: null });
  });
});

describe("what a program imports", () => {
  const lib = `
    export let count = 0;
    export const options: Record<string, number> = { one: 1 };
    export const bytes = new Uint8Array(4);
    export class Box { value = 1; }
    export function increment(): number { return ++count; }`;

  const importing = (body: string): Record<string, string> => ({
    "lib.ts": lib,
    "main.ts": `import { Box, bytes, count, increment, options } from "./lib.js";
      function attempt(action: () => unknown) { try { trace(action()); } catch (error) { trace(error); } }
      ${body}`,
  });

  it("costs no heap", async () => {
    const bare = await runSource("");
    const { heapBytes } = await runSource(importing(""));
    expect(heapBytes - bare.heapBytes).toBeLessThan(3_000);
    expect(bare.idleBytes).toBeLessThan(2_000);
    expect(bare.flashBytes).toBeGreaterThan(100_000);
  });

  it("is in flash, where buffers, classes and intrinsics cannot be written", async () => {
    const { trace } = await runSource(
      importing(`
        attempt(() => (bytes[0] = 1));
        attempt(() => (Box.prototype.extra = 1));
        attempt(() => (Array.prototype.extra = 1));
        attempt(() => { const error = new Error(); error.toString = () => "shadowed"; });`),
    );
    expect(trace[0]).toBe("TypeError: read-only buffer");
    expect(trace.slice(1)).toEqual(Array<unknown>(3).fill(expect.stringMatching(/^TypeError: /)));
  });

  it("keeps variables and plain objects writable, by a copy in RAM", async () => {
    const { trace } = await runSource(importing(`trace(increment(), count); options.two = 2; trace(options.one + options.two); trace(new Box().value);`));
    expect(trace).toEqual(["11", "3", "1"]);
  });
});

describe("a program that fails", () => {
  it("shows an uncaught exception with its stack", async () => {
    const { reason, status, errors } = await runSource(
      `function inner() { throw new RangeError("too far"); } function outer() { inner(); } outer();`,
    );
    expect({ reason, status }).toEqual({ reason: "exception", status: 72 });
    expect(errors).toMatch(/^xs-host: uncaught exception: RangeError: too far\n at inner .*\n at outer /);
  });

  it("shows what a callback threw", async () => {
    const { status, errors } = await runSource(`import Timer from "timer"; Timer.set(() => { throw "a string"; }, 1);`);
    expect(status).toBe(72);
    expect(errors).toContain("uncaught exception: a string");
  });

  it("shows an unhandled rejection", async () => {
    const { reason, status, errors } = await runSource(`Promise.reject(new Error("nobody cares"));`);
    expect({ reason, status }).toEqual({ reason: "exception", status: 73 });
    expect(errors).toContain("unhandled rejection: Error: nobody cares");
  });

  it("shows what failed before the start", async () => {
    const { reason, status, errors } = await runSource({
      "lib.ts": `export const never = 1; null.boom;`,
      "main.ts": `import { never } from "./lib.js"; trace(never);`,
    });
    expect({ reason, status }).toEqual({ reason: "exception", status: 72 });
    expect(errors).toContain("cannot coerce null to object");
  });

  it("ends when the stack is full", async () => {
    const { reason, status, errors } = await runSource("function deep(): void { deep(); trace(); } deep();");
    expect({ reason, status }).toEqual({ reason: "exception", status: 71 });
    expect(errors).toContain("stack overflow: the stack has 512 slots");
  });

  it("ends when memory is full, and says what is in it", async () => {
    const { reason, status, errors } = await runSource("const all: Uint8Array[] = []; for (;;) all.push(new Uint8Array(1000));");
    expect({ reason, status }).toEqual({ reason: "memory full", status: 70 });
    expect(errors).toMatch(/^xs-host: memory full: arena \d+ bytes, slots \d+ bytes in use, chunks \d+ bytes in use$/m);
  });

  it("does not start with invalid syntax", async () => {
    await expect(runSource("let = ;")).rejects.toMatchObject({ code: "ERR_BUNDLE" });
  });
});
