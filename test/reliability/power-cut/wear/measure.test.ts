import { describe, expect, it } from "vitest";
import { measureWear, PACKET_SIZE, SECTOR_SIZE } from "./measure.js";

/** Bytes of a record's header, and of what erases a record. */
const RECORD = 20;
const ERASING = 4;

describe("How the store wears the flash", () => {
  it("writes a QoS 1 message once, and four bytes more to erase it", () => {
    const { bytesPerMessage, amplification } = measureWear({ qos: 1, queued: 0, sectors: 16, messages: 2_000 });
    const record = RECORD + PACKET_SIZE;
    expect(bytesPerMessage).toBeGreaterThan(record + ERASING);
    expect(bytesPerMessage).toBeLessThan((record + ERASING) * 1.03);
    expect(amplification).toBe(bytesPerMessage / PACKET_SIZE);
  });

  it("writes a QoS 2 message once, its release, and eight bytes more to erase both", () => {
    const { bytesPerMessage } = measureWear({ qos: 2, queued: 0, sectors: 16, messages: 2_000 });
    const records = RECORD + PACKET_SIZE + RECORD + ERASING;
    expect(bytesPerMessage).toBeGreaterThan(records + 2 * ERASING);
    expect(bytesPerMessage).toBeLessThan((records + 2 * ERASING) * 1.03);
  });

  it("erases a sector when one is full, and all of them as often", () => {
    const { erasuresPerThousand, unevenness } = measureWear({ qos: 1, queued: 0, sectors: 4, messages: 10_000 });
    const record = (RECORD + PACKET_SIZE + 3) & ~3;
    expect(erasuresPerThousand / ((1_000 * record) / SECTOR_SIZE)).toBeCloseTo(1, 1);
    expect(unevenness).toBeLessThan(1.05);
  });

  it("writes a queued message twice", () => {
    const direct = measureWear({ qos: 1, queued: 0, sectors: 16, messages: 2_000 });
    const queued = measureWear({ qos: 1, queued: 20, sectors: 16, messages: 2_000 });
    expect(queued.bytesPerMessage / direct.bytesPerMessage).toBeCloseTo(2.1, 0);
  });
});
