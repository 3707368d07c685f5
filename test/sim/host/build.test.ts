import { mkdir, mkdtemp, readdir, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { buildHost, codeSize, SimulatorError, type BuildProgress } from "../../../hosts/sim/runner.js";

describe("building the host", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "mqtt-xs-build-"));
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(directory, { recursive: true });
  });

  it("says what to install when there is no compiler", async () => {
    vi.stubEnv("PATH", directory);
    const failure = await buildHost({ directory }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SimulatorError);
    expect(failure).toMatchObject({ code: "ERR_NO_COMPILER" });
    expect(String(failure)).toMatch(/no C compiler and no make.*apt-get install gcc make.*--host node/);
  });

  it("deletes what an interrupted build left behind, not what another one is at", async () => {
    const hoursAgo = Date.now() / 1_000 - 7_200;
    for (const name of ["building-left", "building-busy", "0123456789abcdef"]) await mkdir(join(directory, name));
    for (const name of ["building-left", "0123456789abcdef"]) await utimes(join(directory, name), hoursAgo, hoursAgo);
    vi.stubEnv("CC", "false");
    await buildHost({ directory }).catch(() => undefined);
    expect((await readdir(directory)).sort()).toEqual(["0123456789abcdef", "building-busy"]);
  });

  it("shows its progress, is safe to be done twice at once, and is done once", { timeout: 180_000 }, async () => {
    const progress: BuildProgress[] = [];
    const [one, other] = await Promise.all([
      buildHost({ directory, onProgress: (step) => progress.push(step) }),
      buildHost({ directory }),
    ]);
    expect(one).toBe(other);
    expect(progress.map(({ done }) => done)).toEqual(progress.map((_, index) => index));
    expect(progress.at(-1)).toMatchObject({ done: progress[0].total - 1 });
    expect(await readdir(directory)).toHaveLength(1);

    const again = vi.fn();
    await buildHost({ directory, onProgress: again });
    expect(again).not.toHaveBeenCalled();
  });
});

describe("the size of bytecode", () => {
  it("is that of code and symbols", { timeout: 120_000 }, async () => {
    const { total, code, symbols } = await codeSize("src/wire/utf8.ts");
    expect(code).toBeGreaterThan(100);
    expect(symbols).toBeGreaterThan(10);
    expect(total).toBe(code + symbols);
  });
});
