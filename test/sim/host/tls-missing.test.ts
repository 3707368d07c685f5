import { execFileSync } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { buildHost, tlsAvailable } from "../../../hosts/sim/runner.js";
import { useHost } from "./program.js";

useHost();

const NATIVE = fileURLToPath(new URL("../../../hosts/sim/native/", import.meta.url));

describe("without OpenSSL", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "mqtt-xs-test-"));
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  it("there is no TLS, by choice or because there is no compiler to find it", async () => {
    vi.stubEnv("SIM_TLS", "no");
    expect(await tlsAvailable()).toBe(false);
    vi.stubEnv("SIM_TLS", undefined);
    vi.stubEnv("CC", "false");
    expect(await tlsAvailable()).toBe(false);
    vi.stubEnv("PATH", folder);
    expect(await tlsAvailable()).toBe(false);
  });

  it("the host is built, and says what is missing when it is needed", { timeout: 60_000 }, async () => {
    const objects = join(folder, "objects");
    await cp(dirname(await buildHost()), objects, { recursive: true, preserveTimestamps: true });
    for (const name of ["tls.o", "openssl.o", "xs-host"]) await rm(join(objects, name));
    execFileSync("make", ["-C", NATIVE, `OUT=${objects}`, "SIM_TLS=no"], { stdio: "pipe" });

    const program = join(folder, "main.js");
    await writeFile(program, `import Session from "openssl"; try { new Session("localhost", true); } catch (error) { trace(error.message); }`);
    const output = execFileSync(join(objects, "xs-host"), [program], { encoding: "utf8" });
    expect(output.split("\n")[0]).toBe("built without OpenSSL: apt-get install libssl-dev");
  });
});
