import { Journal } from "mqtt-xs/store";
import { describe, expect, it } from "vitest";
import { MemoryFlash } from "../../../hosts/node/index.js";
import { all, content, put } from "../../store/support/records.js";

describe("flash in memory", () => {
  it("is erased at first", () => {
    const flash = new MemoryFlash(3, 256);
    expect(flash).toMatchObject({ sectors: 3, sectorSize: 256 });
    expect(flash.bytes).toEqual(new Uint8Array(768).fill(0xff));
  });

  it("writes and reads just so many bytes", () => {
    const flash = new MemoryFlash();
    flash.write(100, content("sensors"), 6);
    expect(flash.bytes[106]).toBe(0xff);
    const target = content("----------");
    flash.read(101, target, 4);
    expect(String.fromCharCode(...target)).toBe("enso------");
  });

  it("clears bits, and cannot set them", () => {
    const flash = new MemoryFlash(2, 256);
    flash.write(7, Uint8Array.of(0x0f), 1);
    flash.write(7, Uint8Array.of(0x05), 1);
    expect(flash.bytes[7]).toBe(0x05);
    expect(() => flash.write(6, Uint8Array.of(0x01, 0x07), 2)).toThrow("the byte at 7 is not erased");
  });

  it("sets all bits of a sector by erasing it, and of no other", () => {
    const flash = new MemoryFlash(3, 256, new Uint8Array(768));
    flash.erase(1);
    expect(flash.bytes.subarray(256, 512)).toEqual(new Uint8Array(256).fill(0xff));
    expect([...flash.bytes.subarray(0, 256), ...flash.bytes.subarray(512)].every((byte) => byte === 0)).toBe(true);
  });

  it("lasts as long as its bytes do", () => {
    const flash = new MemoryFlash();
    put(new Journal(flash), 1, "one");
    expect(all(new Journal(new MemoryFlash(4, 4_096, flash.bytes)))).toEqual([[1, "one"]]);
  });
});
