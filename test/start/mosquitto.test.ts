import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { afterEach, describe, expect, it } from "vitest";
import { Failure } from "../../hosts/start/failure.js";
import { findMosquitto, startMosquitto } from "../../hosts/start/mosquitto.js";
import { mosquittoAvailable } from "../support/mosquitto-broker.js";

const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A folder with a `mosquitto` that is this shell script. */
function folderWith(script: string): string {
  const folder = mkdtempSync(join(tmpdir(), "mqtt-xs-test-"));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "mosquitto"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, "mosquitto"), 0o755);
  return folder;
}

describe("mosquitto, where it is not installed", () => {
  const search = (): string => findMosquitto(["/nonexistent", ""]);

  it("is asked for in one line that says how to install it, and how to go without", () => {
    expect(search).toThrow(/^--protocol 5 needs .*apt-get install mosquitto.*brew install mosquitto.*--broker$/);
  });

  it("has the command end with status 2", () => {
    expect(search).toThrow(expect.objectContaining({ exitStatus: 2 }));
  });
});

describe("mosquitto, where it is installed", () => {
  it("is found in the first of the folders that has it", () => {
    const [first, second] = [folderWith(""), folderWith("")];
    expect(findMosquitto(["/nonexistent", first, second])).toBe(join(first, "mosquitto"));
  });

  it("that does not start is said in one line, with what it says itself", async () => {
    const program = join(folderWith("echo 'Error: one' >&2; echo 'Error: another' >&2; exit 3"), "mosquitto");
    await expect(startMosquitto(program)).rejects.toThrow(new Failure(`mosquitto (${program}) does not start: Error: another`));
  });

  it("that cannot be run is said in one line, too", async () => {
    const program = folderWith(""); // a folder
    await expect(startMosquitto(program)).rejects.toThrow(/^mosquitto \(.*\) does not start: .*EACCES.*$/);
  });

  it.skipIf(!mosquittoAvailable())("speaks MQTT 5.0 to anyone on the loopback interface, until it is stopped", async () => {
    const broker = await startMosquitto(findMosquitto());
    cleanups.push(() => broker.stop());
    const { host, port } = broker.address;
    expect(broker.name).toBe(`its own mosquitto on port ${port}`);
    const client = await connectAsync(`mqtt://${host}:${port}`, { protocolVersion: 5 });
    await client.endAsync();
    await broker.stop();
    await expect(connectAsync(`mqtt://${host}:${port}`, {}, false)).rejects.toThrow(/ECONNREFUSED/);
  });
});
