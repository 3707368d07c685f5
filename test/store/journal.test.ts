import { describe, expect, it } from "vitest";
import { Journal } from "mqtt-xs/store";
import { MqttError } from "mqtt-xs";
import { crcOfInteger } from "../../src/store/crc32.js";
import { content, all, get, put } from "./support/records.js";
import { FailingFlash } from "./support/failing-flash.js";

function open(flash: FailingFlash, records = 40): { journal: Journal; errors: string[] } {
  const errors: string[] = [];
  return { journal: new Journal(flash, { records, onError: (error) => errors.push(error.message) }), errors };
}

describe("A journal", () => {
  it("keeps records in the order in which they were put", () => {
    const flash = new FailingFlash(2, 256);
    const { journal } = open(flash);
    for (const key of [7, 3, 0xffff_ffff]) expect(put(journal, key, `of ${key}`)).toBe(true);
    expect(all(journal)).toEqual([[7, "of 7"], [3, "of 3"], [0xffff_ffff, "of 4294967295"]]);
    expect(all(open(flash.again()).journal)).toEqual(all(journal));
  });

  it("keeps records of no bytes", () => {
    const flash = new FailingFlash(2, 256);
    put(open(flash).journal, 1, "");
    expect(all(open(flash.again()).journal)).toEqual([[1, ""]]);
  });

  it("puts a record in the place of the one with the same key, at the end", () => {
    const flash = new FailingFlash(2, 256);
    const { journal } = open(flash);
    put(journal, 1, "one");
    put(journal, 2, "two");
    put(journal, 1, "another");
    expect(all(journal)).toEqual([[2, "two"], [1, "another"]]);
    expect(all(open(flash.again()).journal)).toEqual(all(journal));
  });

  it("erases for good", () => {
    const flash = new FailingFlash(2, 256);
    const { journal } = open(flash);
    put(journal, 1, "one");
    put(journal, 2, "two");
    expect(journal.erase(1)).toBe(true);
    expect(journal.erase(99)).toBe(true);
    expect(all(journal)).toEqual([[2, "two"]]);
    expect(get(journal, 1)).toBeUndefined();
    expect(all(open(flash.again()).journal)).toEqual([[2, "two"]]);
  });

  it("refuses a record for which there is no room, and stays as it was", () => {
    const { journal } = open(new FailingFlash(2, 256));
    put(journal, 1, "x".repeat(120));
    expect(journal.hasRoom(70)).toBe(false);
    expect(put(journal, 2, "x".repeat(70))).toBe(false);
    expect(put(journal, 2, "x".repeat(60))).toBe(true);
    expect(put(journal, 3, "x".repeat(10_000))).toBe(false);
    expect(journal.count).toBe(2);
  });

  it("refuses more records than it was made for", () => {
    const { journal } = open(new FailingFlash(4, 256), 2);
    put(journal, 1, "one");
    put(journal, 2, "two");
    expect(journal.hasRoom(1)).toBe(false);
    expect(put(journal, 3, "three")).toBe(false);
    expect(put(journal, 2, "another")).toBe(true);
    expect(all(journal)).toEqual([[1, "one"], [2, "another"]]);
  });

  it("does not read what is longer than there is room for", () => {
    const { journal } = open(new FailingFlash(2, 256));
    put(journal, 1, "one");
    expect(journal.read(1, content("  "))).toBe(-1);
  });

  it.each([2, 3, 5])("goes round and round over %d sectors, which wear alike", (sectors) => {
    const flash = new FailingFlash(sectors, 256);
    const erased = new Array<number>(sectors).fill(0);
    const erase = flash.erase.bind(flash);
    flash.erase = (sector) => {
      erased[sector]++;
      erase(sector);
    };
    const { journal, errors } = open(flash);
    put(journal, 1, "stays");
    for (let key = 2; key < 1_000; key++) {
      expect(put(journal, key, `record ${key}`)).toBe(true);
      if (key > 3) journal.erase(key - 2);
    }
    expect(all(journal)).toEqual([[1, "stays"], [998, "record 998"], [999, "record 999"]]);
    expect(all(open(flash.again()).journal)).toEqual(all(journal));
    expect(Math.max(...erased) - Math.min(...erased)).toBeLessThanOrEqual(1);
    expect(errors).toEqual([]);
  });

  it("fills to the last record that fits, and takes all of them back", () => {
    const flash = new FailingFlash(3, 256);
    const { journal } = open(flash);
    let key = 0;
    while (put(journal, key + 1, "record")) key++;
    expect(key).toBe(16); // 224 bytes of records in each of two sectors
    expect(all(open(flash.again()).journal)).toEqual(all(journal));
    for (let each = 1; each <= key; each++) expect(journal.erase(each)).toBe(true);
    expect(put(journal, 99, "record")).toBe(true);
  });

  it("throws for a flash that it cannot use", () => {
    expect(() => open(new FailingFlash(1, 256))).toThrow(MqttError);
    expect(() => open(new FailingFlash(2, 64))).toThrow(MqttError);
    expect(() => open(new FailingFlash(2, 258))).toThrow("flash: expected 2 or more sectors of 256 bytes or more, by fours");
    expect(() => open(new FailingFlash(2, 256), 0)).toThrow("records: expected");
  });

  it("throws by name when the flash cannot be read", () => {
    const flash = new FailingFlash(2, 256);
    flash.read = () => {
      throw new Error("no such partition");
    };
    expect(() => open(flash)).toThrow(expect.objectContaining({ code: "ERR_STORE", fault: "resources" }));
  });

  it("returns false and tells when the flash fails, and goes on when it works again", () => {
    const flash = new FailingFlash(2, 256);
    const { journal, errors } = open(flash);
    put(journal, 1, "one");
    flash.cutAfter = flash.steps + 7;
    expect(put(journal, 2, "two")).toBe(false);
    expect(journal.erase(1)).toBe(false);
    expect(errors).toEqual(["the store failed: Error: the power is gone", "the store failed: Error: the power is gone"]);
    flash.cutAfter = Infinity;
    expect(put(journal, 3, "three")).toBe(true);
    expect(all(journal)).toEqual([[3, "three"]]);
  });
});

describe("A journal of another format", () => {
  it("is told of, and written over", () => {
    const flash = new FailingFlash(2, 256);
    put(open(flash).journal, 1, "one");
    const view = new DataView(flash.bytes.buffer);
    for (const at of [0, 16]) {
      view.setUint32(at + 4, 2);
      view.setInt32(at + 12, crcOfInteger(crcOfInteger(~0x4d515853, 2), 1));
    }
    const { journal, errors } = open(flash);
    expect(errors).toEqual(["the store held records of another format: dropped"]);
    expect(journal.count).toBe(0);
    expect(put(journal, 2, "two")).toBe(true);
    expect(all(open(flash.again()).journal)).toEqual([[2, "two"]]);
  });

  it("tells of records that are more than it is made for", () => {
    const flash = new FailingFlash(2, 256);
    const { journal } = open(flash);
    for (const key of [1, 2, 3]) put(journal, key, "x");
    expect(open(flash.again(), 2).errors).toEqual(["the store held a record more than `records`: dropped"]);
  });
});

/** Has the store look at what there is, until the power goes. */
function start(flash: FailingFlash): void {
  open(flash);
  if (flash.steps >= flash.cutAfter) throw new Error("the power is gone");
}

/** Puts and erases with a known outcome. Each step says what is in the store after it. */
function scenario(journal: Journal, done: (expected: ReadonlyMap<number, string>) => void): void {
  const expected = new Map<number, string>();
  const step = (act: () => void): void => {
    act();
    done(new Map(expected));
  };
  const add = (key: number, text: string): void =>
    step(() => {
      if (!put(journal, key, text)) throw new Error(`no room for ${key}`);
      expected.delete(key);
      expected.set(key, text);
    });
  const remove = (key: number): void =>
    step(() => {
      if (!journal.erase(key)) throw new Error(`${key} is not erased`);
      expected.delete(key);
    });
  add(1, "stays");
  for (let key = 2; key < 30; key++) {
    add(key, `record ${key} ${"x".repeat((key * 7) % 40)}`);
    if (key % 3 === 0) add(key - 1, "replaced");
    if (key > 4) remove(key - 3);
  }
}

/** The states that the scenario goes through, and how many steps the flash has done by then. */
function course(flash: FailingFlash): { steps: number; state: string }[] {
  const states = [{ steps: 0, state: "[]" }];
  scenario(open(flash).journal, (expected) => states.push({ steps: flash.steps, state: JSON.stringify([...expected]) }));
  return states;
}

describe.each([
  { sectors: 2, sectorSize: 512 },
  { sectors: 3, sectorSize: 256 },
])("A journal of $sectors sectors of $sectorSize bytes", ({ sectors, sectorSize }) => {
  it("that loses power at any byte has what was there before that step or after it, and goes on", () => {
    const states = course(new FailingFlash(sectors, sectorSize));
    const steps = states[states.length - 1].steps;
    expect(steps).toBeGreaterThan(2_000);
    for (let cut = 0; cut < steps; cut++) {
      const flash = new FailingFlash(sectors, sectorSize, undefined, cut);
      expect(() => course(flash)).toThrow();
      const { journal } = open(flash.again());
      const before = states.findLastIndex((each) => each.steps <= cut);
      expect([states[before].state, states[before + 1].state], `cut after ${cut}`).toContain(JSON.stringify(all(journal)));
      expect(put(journal, 999, "after"), `cut after ${cut}`).toBe(true);
    }
  });

  it("that loses power while it starts after a loss of power has the same", () => {
    const states = course(new FailingFlash(sectors, sectorSize));
    for (let cut = 0; cut < states[states.length - 1].steps; cut += 7) {
      const flash = new FailingFlash(sectors, sectorSize, undefined, cut);
      expect(() => course(flash)).toThrow();
      const whole = flash.again();
      const found = JSON.stringify(all(open(whole).journal));
      for (let second = 0; second < whole.steps; second += 3) {
        const again = flash.again(second);
        expect(() => start(again)).toThrow("the power is gone");
        expect(JSON.stringify(all(open(again.again()).journal)), `cut after ${cut} and ${second}`).toBe(found);
      }
    }
  });

  it("tells what is torn once, and only that", () => {
    const flash = new FailingFlash(sectors, sectorSize);
    const { journal } = open(flash);
    put(journal, 1, "whole");
    flash.cutAfter = flash.steps + 22;
    put(journal, 2, "torn");
    const again = flash.again();
    expect(open(again).errors).toEqual(["the store held a record that was torn or damaged: dropped"]);
    expect(open(again.again()).errors).toEqual([]);
    expect(all(open(again.again()).journal)).toEqual([[1, "whole"]]);
  });

  it.each([0x00, 0x01, 0x80, 0xff])("with any byte damaged (XOR or set: %d) loses no more than that record, and brings none back", (damage) => {
    const flash = new FailingFlash(sectors, sectorSize);
    const states = course(flash);
    const whole = new Map(JSON.parse(states[states.length - 1].state) as [number, string][]);
    for (let at = 0; at < flash.bytes.length; at++) {
      const damaged = flash.again();
      damaged.bytes[at] = damage === 0 ? 0 : damaged.bytes[at] ^ damage;
      const { journal, errors } = open(damaged);
      const found = all(journal);
      for (const [key, text] of found) expect(text, `record ${key}, byte ${at}`).toBe(whole.get(key));
      expect(found.length, `byte ${at}`).toBeGreaterThanOrEqual(whole.size - 1);
      if (found.length < whole.size) expect(errors, `byte ${at}`).not.toEqual([]);
      expect(put(journal, 999, "after")).toBe(true);
    }
  });

  it("with anything at all in the flash starts, and works", () => {
    let state = 1;
    const random = (): number => (state = (state * 1_103_515_245 + 12_345) & 0x7fff_ffff) >> 16;
    for (let run = 0; run < 300; run++) {
      const flash = new FailingFlash(sectors, sectorSize);
      course(flash);
      const damaged = flash.again();
      const mask = run % 3 === 0 ? 0 : run % 3 === 1 ? 7 : 63;
      for (let at = 0; at < damaged.bytes.length; at++) if ((random() & mask) === 0) damaged.bytes[at] = random() & 0xff;
      const { journal } = open(damaged);
      for (const [key] of all(journal)) expect(journal.erase(key)).toBe(true);
      expect(put(journal, 999, "after")).toBe(true);
      expect(all(open(damaged.again()).journal)).toEqual([[999, "after"]]);
    }
  });
});
