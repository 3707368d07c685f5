import { describe, expect, it } from "vitest";
import { Content, contentByte, contentNumber, writeContent } from "./content.js";
import { FEWEST_BYTES, PACKET_SIZE, Plan } from "./plan.js";
import { EMPTY_TOPICS, emptyNumber, emptyTopic, isEmpty } from "./topics.js";

const numbers = Array.from({ length: 30_000 }, (_, index) => index + 1);
const share = (condition: (number: number) => boolean): number => numbers.filter(condition).length / numbers.length;

describe("The plan", () => {
  const plan = new Plan(1);

  it.each([0, 1, 2])("has a third of the messages at QoS %d", (qos) => {
    expect(share((number) => plan.qos(number) === qos)).toBeCloseTo(1 / 3, 1);
  });

  it("has empty ones, small ones, some about as large as a packet, and larger ones", () => {
    const sizes = numbers.map((number) => plan.size(number));
    expect(Math.min(...sizes)).toBe(0);
    expect(sizes.filter((size) => size > 0 && size <= 128).length).toBeGreaterThan(0.9 * sizes.length);
    expect(sizes.some((size) => size > PACKET_SIZE - 20 && size < PACKET_SIZE)).toBe(true);
    expect(Math.max(...sizes)).toBeGreaterThan(8_000);
  });

  it("has only messages that are empty without a number in them, and each of those with a promise", () => {
    expect(numbers.filter((number) => (isEmpty(number) ? plan.size(number) > 0 : plan.size(number) < FEWEST_BYTES))).toEqual([]);
    expect(numbers.filter((number) => isEmpty(number) && plan.qos(number) === 0)).toEqual([]);
  });

  it("is another one with another seed", () => {
    const other = new Plan(2);
    expect(share((number) => plan.qos(number) === other.qos(number))).toBeLessThan(0.5);
  });
});

describe("The topic of an empty message", () => {
  it("tells which of the empty messages it is, from what came before", () => {
    for (const number of numbers.filter(isEmpty)) {
      expect(emptyTopic(number)).toBeLessThan(EMPTY_TOPICS);
      for (const apart of [-1_000, -1, 0, 1, 1_000]) expect(emptyNumber(emptyTopic(number), number + apart)).toBe(number);
    }
  });
});

describe("The content of a message", () => {
  const number = 0x0123456;
  const whole = Uint8Array.from({ length: 1_000 }, (_, position) => contentByte(number, position));

  it("begins with its number", () => {
    expect(contentNumber(whole, 0)).toBe(number);
  });

  it("is the same however it is cut into pieces", () => {
    for (const size of [1, 3, 63, 64, 65, 999, 1_000]) {
      const content = new Content().become(number, whole.length);
      const read = new Uint8Array(whole.length + size);
      let position = 0;
      while (position < whole.length) position += content.read(read, position, position + size, position);
      expect(read.subarray(0, whole.length)).toEqual(whole);
    }
  });

  it("tells its place, and is another one for another number", () => {
    expect(whole.subarray(64, 128)).not.toEqual(whole.subarray(128, 192));
    const other = new Uint8Array(64);
    writeContent(number + 1, other, 0, 64, 64);
    expect(other).not.toEqual(whole.subarray(64, 128));
  });
});
