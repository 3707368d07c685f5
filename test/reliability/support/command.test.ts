import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

/** Runs one of the commands, as npm does. */
function run(...args: string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync("node_modules/.bin/tsx", ["test/reliability/storm/main.ts", ...args], { encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("A command", () => {
  it("prints its help", () => {
    expect(run("--help")).toMatchObject({ status: 0, stdout: expect.stringContaining("npm run storm -- [options]") as unknown, stderr: "" });
  });

  it("says in one line what is wrong with its arguments", () => {
    const stderr = "storm: --devices: expected a whole number from 1 to 100,000, got \"x\" (npm run storm -- --help tells more)\n";
    expect(run("--devices", "x")).toEqual({ status: 1, stdout: "", stderr });
  });

  it("says in one line why it cannot be done", () => {
    const { status, stderr } = run("--devices", "10", "--output", "/dev/null/storm.svg");
    expect(status).toBe(1);
    expect(stderr).toMatch(/^storm: --output: .*\n$/);
  });
});
