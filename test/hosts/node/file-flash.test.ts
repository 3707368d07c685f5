import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MqttError } from "mqtt-xs";
import { Journal } from "mqtt-xs/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileFlash } from "../../../hosts/node/index.js";
import { all, content, put } from "../../store/support/records.js";

const SECTOR = 4_096;
/** The user who may do nothing. */
const NOBODY = 65_534;
/** Takes no bytes, as a disk that is full. Linux has it. */
const FULL = "/dev/full";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mqtt-xs-flash-"));
  path = join(folder, "session");
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("a file in the place of flash", () => {
  it("is made erased, with all its space taken, for nobody else to read", () => {
    const flash = new FileFlash({ path, sectors: 3 });
    expect(flash).toMatchObject({ sectors: 3, sectorSize: SECTOR });
    expect(readFileSync(path)).toEqual(Buffer.alloc(3 * SECTOR, 0xff));
    expect(readdirSync(folder)).toEqual(["session"]);
    flash.close();
  });

  it("has 16 sectors unless it is told otherwise", () => {
    const flash = new FileFlash({ path });
    expect(flash.sectors).toBe(16);
    flash.close();
  });

  it("writes and reads just so many bytes", () => {
    const flash = new FileFlash({ path });
    flash.write(SECTOR + 100, content("sensors"), 6);
    expect(readFileSync(path).subarray(SECTOR + 99, SECTOR + 107).toString("latin1")).toBe("\xffsensor\xff");
    const target = content("----------");
    flash.read(SECTOR + 101, target, 4);
    expect(String.fromCharCode(...target)).toBe("enso------");
    flash.close();
  });

  it("erases a sector, and no other", () => {
    writeFileSync(path, new Uint8Array(3 * SECTOR));
    const flash = new FileFlash({ path });
    flash.erase(1);
    expect(readFileSync(path)).toEqual(Buffer.concat([Buffer.alloc(SECTOR), Buffer.alloc(SECTOR, 0xff), Buffer.alloc(SECTOR)]));
    flash.close();
  });

  it("keeps what it holds, and its size, when it is opened again", () => {
    const before = new FileFlash({ path, sectors: 2 });
    put(new Journal(before), 1, "one");
    before.close();
    const after = new FileFlash({ path, sectors: 8 });
    expect(after.sectors).toBe(2);
    expect(all(new Journal(after))).toEqual([[1, "one"]]);
    after.close();
  });

  it("is made anew when that was cut off half-way", () => {
    writeFileSync(`${path}.new`, new Uint8Array(100));
    new FileFlash({ path, sectors: 2 }).close();
    expect(readFileSync(path)).toEqual(Buffer.alloc(2 * SECTOR, 0xff));
    expect(readdirSync(folder)).toEqual(["session"]);
  });
});

describe("what goes wrong with a file is an error that names it:", () => {
  const failure = (options: { path: string; sectors?: number }): MqttError => {
    try {
      new FileFlash(options).close();
    } catch (error) {
      if (error instanceof MqttError) return error;
    }
    throw new Error("expected an MqttError");
  };

  function expectFailure(reason: string): void {
    const { code, message } = failure({ path });
    expect(code).toBe("ERR_STORE");
    expect(message).toContain(path);
    expect(message).toContain(reason);
  }

  it("its folder is missing", () => {
    path = join(folder, "missing", "session");
    expectFailure("no such file or directory");
  });

  it("it is a folder", () => {
    mkdirSync(path);
    expectFailure("illegal operation on a directory");
  });

  it("it may not be written", () => {
    new FileFlash({ path, sectors: 2 }).close();
    chmodSync(path, 0o444);
    chmodSync(folder, 0o755);
    asNobody(() => expectFailure("permission denied"));
  });

  it("it cannot be made in its folder", () => {
    chmodSync(folder, 0o555);
    asNobody(() => expectFailure("permission denied"));
  });

  it.each([
    ["nothing", ""],
    ["a few bytes", "something else"],
    ["one sector", "x".repeat(SECTOR)],
    ["part of a sector", "x".repeat(2.5 * SECTOR)],
  ])("it is of another kind, and holds %s", (_title, text) => {
    writeFileSync(path, text);
    expectFailure("is not a store, and is left alone");
    expect(readFileSync(path, "latin1")).toBe(text);
  });

  it.runIf(existsSync(FULL))(`the disk is full (where there is ${FULL}), and nothing stays of the attempt`, () => {
    symlinkSync(FULL, `${path}.new`);
    expectFailure("no space left on device");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("it is of another kind, though of as many bytes", () => {
    writeFileSync(path, "SQLite format 3".padEnd(8_192));
    expectFailure("is not a store, and is left alone");
    expect(readFileSync(path, "utf8")).toMatch(/^SQLite/);
  });

  it("it has become shorter", () => {
    const flash = new FileFlash({ path, sectors: 2 });
    truncateSync(path, 100);
    expect(() => flash.read(96, content("--------"), 8)).toThrow("shorter");
    flash.close();
  });

  it.each([
    ["path", { path: "" }],
    ["path", { path: 5 as unknown as string }],
    ["sectors", { path: "unused", sectors: 1 }],
    ["sectors", { path: "unused", sectors: 2.5 }],
  ])("the option %s is wrong: %j", (name, options) => {
    const { code, message } = failure(options);
    expect(code).toBe("ERR_ARGUMENT");
    expect(message).toContain(name);
    expect(existsSync("unused")).toBe(false);
  });
});

/** Files' permissions are nothing to root. */
function asNobody(action: () => void): void {
  if (process.getuid?.() !== 0) {
    action();
    return;
  }
  process.seteuid?.(NOBODY);
  try {
    action();
  } finally {
    process.seteuid?.(0);
  }
}
