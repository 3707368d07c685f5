import { MqttError } from "mqtt-xs";
import { Journal } from "mqtt-xs/store";
import { beforeEach, describe, expect, it } from "vitest";
import { FlashPartition } from "../../../hosts/device/flash.js";
import { resizableBytes } from "../../../src/session/resizable-bytes.js";
import { all, content, put } from "../../store/support/records.js";
import { Flash } from "../../support/device-modules/flash.js";

beforeEach(() => Flash.reset());

describe("a partition of the device's flash", () => {
  it("is opened for writing, and tells its sectors", () => {
    const flash = new FlashPartition({ path: "mqtt" });
    expect(flash).toMatchObject({ sectors: 4, sectorSize: 4_096 });
    expect(Flash.latest.mode).toBe("r+");
  });

  it("writes just so many bytes, and reads them back", () => {
    const flash = new FlashPartition({ path: "mqtt" });
    flash.write(100, content("sensors"), 6);
    expect(String.fromCharCode(...Flash.latest.bytes.subarray(100, 106))).toBe("sensor");
    expect(Flash.latest.bytes[106]).toBe(0xff);
    const target = resizableBytes(10);
    flash.read(101, target, 4);
    expect(String.fromCharCode(...target.subarray(0, 4))).toBe("enso");
  });

  it("erases one sector", () => {
    const flash = new FlashPartition({ path: "mqtt" });
    Flash.latest.bytes.fill(0);
    flash.erase(2);
    const erased = Array.from({ length: 4 }, (_, sector) => Flash.latest.bytes.subarray(sector * 4_096, (sector + 1) * 4_096));
    expect(erased.map((bytes) => bytes.every((byte) => byte === 0xff))).toEqual([false, false, true, false]);
    expect(erased.map((bytes) => bytes.every((byte) => byte === 0))).toEqual([true, true, false, true]);
  });

  it("leaves the caller's buffers at their length, also when the flash fails", () => {
    const flash = new FlashPartition({ path: "mqtt" });
    const bytes = resizableBytes(10);
    flash.write(0, bytes, 4);
    flash.read(0, bytes, 4);
    expect(bytes.length).toBe(10);
    Flash.failure = new Error("flash failed");
    for (const attempt of [() => flash.write(0, bytes, 4), () => flash.read(0, bytes, 4)]) {
      expect(attempt).toThrow("flash failed");
      expect(bytes.length).toBe(10);
    }
  });

  it("holds a journal", () => {
    const flash = new FlashPartition({ path: "mqtt" });
    put(new Journal(flash), 1, "one");
    expect(all(new Journal(flash))).toEqual([[1, "one"]]);
  });

  it("is given back", () => {
    new FlashPartition({ path: "mqtt" }).close();
    expect(Flash.latest.isClosed).toBe(true);
  });
});

describe("a partition that there is not", () => {
  const failure = (path: unknown): MqttError => {
    try {
      new FlashPartition({ path: path as string });
    } catch (error) {
      if (error instanceof MqttError) return error;
    }
    throw new Error("expected an MqttError");
  };

  it("is an error that names it, and says what is to be done", () => {
    const { code, message } = failure("store");
    expect(code).toBe("ERR_STORE");
    expect(message).toMatch(/flash partition "store" cannot be opened .*can't find partition.*PARTITIONS_FILE/);
  });

  it.each([undefined, "", 5])("has no name %j", (path) => {
    expect(failure(path)).toMatchObject({ code: "ERR_ARGUMENT", message: "path must be a string, and not empty" });
  });
});
