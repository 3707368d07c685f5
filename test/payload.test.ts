import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { Payload } from "mqtt-xs/payload";
import { utf8 } from "./support/packets.js";

function text(payload: Payload): string {
  const target = new Uint8Array(payload.length + 600);
  return new TextDecoder().decode(target.subarray(0, payload.read(target, 0, payload.length, 0)));
}

function number(value: number, decimals?: number): string {
  return text(new Payload(400).number(value, decimals));
}

describe("numbers", () => {
  it.each([
    [0, 0, "0"],
    [-0, 2, "0.00"],
    [7, 0, "7"],
    [10, 0, "10"],
    [-273, 0, "-273"],
    [21.5, 1, "21.5"],
    [21.46, 1, "21.5"],
    [0.05, 2, "0.05"],
    [0.004, 2, "0.00"],
    [-0.004, 2, "0.00"],
    [-0.006, 2, "-0.01"],
    [0.5, 0, "1"],
    [-0.5, 0, "-1"],
    [1.5, 0, "2"],
    [2.5, 0, "3"],
    [0.49999999999999994, 0, "0"],
    [99.995, 2, "100.00"],
    [1e-7, 6, "0.000000"],
    [123.456789, 6, "123.456789"],
    [4_503_599_627_370_497, 0, "4503599627370497"], // above 2^52, where adding a half would round again
    [Number.MAX_SAFE_INTEGER, 0, "9007199254740991"],
    [-Number.MAX_SAFE_INTEGER, 0, "-9007199254740991"],
  ])("%d with %i decimals is %s", (value, decimals, expected) => {
    expect(number(value, decimals)).toBe(expected);
  });

  it("have no decimals unless asked for", () => {
    expect(number(3.7)).toBe("4");
  });

  it("of integers are as toFixed has them", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(number(value)).toBe(value.toFixed(0));
      }),
    );
  });

  it("are as toFixed has them, but for halves, which binary fractions miss and toFixed tells apart", () => {
    const values = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 6 }), (value, decimals) => {
        const scaled = Math.abs(value) * 10 ** decimals;
        fc.pre(Math.abs(scaled - Math.floor(scaled) - 0.5) > 1e-6 && scaled < 2 ** 31);
        const expected = value.toFixed(decimals);
        expect(number(value, decimals)).toBe(/^-[0.]+$/.test(expected) ? expected.slice(1) : expected);
      }),
      { numRuns: 1_000 },
    );
  });

  it("read back are within half a unit of the last place", () => {
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.integer({ min: 0, max: 6 }), (value, decimals) => {
        const written = number(value, decimals);
        expect(written).toMatch(decimals === 0 ? /^-?\d+$/ : /^-?\d+\.\d+$/);
        expect(Math.abs(Number(written) - value)).toBeLessThanOrEqual(0.5000001 * 10 ** -decimals);
      }),
    );
  });

  it.each([
    [NaN, 0],
    [Infinity, 0],
    [-Infinity, 2],
    [1, -1],
    [1, 7],
    [1, NaN],
    [1, 1.5],
    [2 ** 53, 0],
    [-(2 ** 53), 0],
    [2 ** 53 / 100, 2],
    [1e308, 6], // overflows when scaled
  ])("refuse %d with %d decimals", (value, decimals) => {
    const payload = new Payload(400);
    expect(() => payload.number(value, decimals)).toThrow(expect.objectContaining({ code: "ERR_ARGUMENT" }) as Error);
    expect(payload.length).toBe(0);
  });
});

describe("composing", () => {
  it("puts pieces one after the other", () => {
    const payload = new Payload(64).bytes(utf8('{"t":')).number(-21.55, 1).bytes(utf8(',"n":')).number(3).bytes(utf8("}"));
    expect(text(payload)).toBe('{"t":-21.6,"n":3}');
    expect(payload.length).toBe(17);
  });

  it("begins anew after clear", () => {
    const payload = new Payload(4).bytes(utf8("abcd"));
    expect(text(payload.clear().bytes(utf8("x")))).toBe("x");
  });

  it("fills its buffer to the last byte, and not one further", () => {
    const payload = new Payload(5).bytes(utf8("ab"));
    expect(() => payload.bytes(utf8("cdef"))).toThrow("payload: 4 more bytes do not fit, 3 are left");
    expect(text(payload.bytes(utf8("cde")))).toBe("abcde");
    expect(() => payload.bytes(utf8("f"))).toThrow(expect.objectContaining({ code: "ERR_ARGUMENT" }) as Error);
    expect(payload.bytes(new Uint8Array(0)).length).toBe(5);
  });

  it.each([
    [123, 0, 3],
    [-123, 0, 4],
    [1.23, 2, 4],
    [-1.23, 2, 5],
    [0.001, 3, 5],
    [9.999, 2, 5],
  ])("of %d with %i decimals takes %i bytes, and throws with one less", (value, decimals, size) => {
    expect(new Payload(size).number(value, decimals).length).toBe(size);
    const small = new Payload(size - 1);
    expect(() => small.number(value, decimals)).toThrow(`payload: ${String(size)} more bytes do not fit`);
    expect(small.length).toBe(0);
  });

  it.each([0, -1, NaN])("needs a size of at least 1, not %d", (size) => {
    expect(() => new Payload(size)).toThrow("size: expected 1 or more bytes");
  });
});

describe("reading", () => {
  it.each([
    [0, 4, "abcd"],
    [0, 10, "abcdefghij"],
    [0, 20, "abcdefghij"],
    [3, 4, "defg"],
    [8, 4, "ij"],
    [10, 4, ""],
  ])("from %i on into room for %i bytes gives %s", (position, room, expected) => {
    const payload = new Payload(12).bytes(utf8("abcdefghij"));
    const target = new Uint8Array(3 + room);
    const count = payload.read(target, 3, 3 + room, position);
    expect(new TextDecoder().decode(target.subarray(3, 3 + count))).toBe(expected);
    expect(target.slice(0, 3)).toEqual(new Uint8Array(3)); // what lies before `start` is not its business
  });

  it("piece by piece gives the whole", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 50 }), (bytes, room) => {
        const payload = new Payload(40).bytes(bytes);
        const whole: number[] = [];
        const target = new Uint8Array(room);
        while (whole.length < payload.length) whole.push(...target.subarray(0, payload.read(target, 0, room, whole.length)));
        expect(Uint8Array.from(whole)).toEqual(bytes);
      }),
    );
  });
});
