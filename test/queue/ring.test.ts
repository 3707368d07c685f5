import * as fc from "fast-check";
import { expect, it } from "vitest";
import { Ring } from "../../src/queue/ring.js";

const message = (number: number, length: number): Uint8Array => new Uint8Array(length).fill(number);

it("gives back what was put in, in order, whatever comes in and goes out, and is as full as it can be", () => {
  const step = fc.oneof(fc.nat(20), fc.constant("out" as const));
  fc.assert(
    fc.property(fc.integer({ min: 30, max: 60 }), fc.array(step, { maxLength: 200 }), (size, steps) => {
      const ring = new Ring(size);
      const expected: Uint8Array[] = [];
      steps.forEach((length, number) => {
        const used = expected.reduce((sum, each) => sum + each.length + 2, 0);
        if (length === "out") {
          expected.shift();
          ring.shift();
        } else {
          const fits = used + length + 2 <= size;
          expect(ring.push(message(number, length), length)).toBe(fits);
          if (fits) expected.push(message(number, length));
        }
        const target = new Uint8Array(32);
        const taken = ring.first(target);
        expect(ring.count).toBe(expected.length);
        expect(taken < 0 ? undefined : target.slice(0, taken)).toEqual(expected.at(0));
      });
    }),
  );
});
