import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { Inbox } from "../../src/session/inbox.js";

describe("Inbox", () => {
  it("remembers an identifier until it is deleted", () => {
    const inbox = new Inbox(2);
    expect(inbox.has(7)).toBe(false);
    inbox.add(7);
    expect(inbox.has(7)).toBe(true);
    expect(inbox.has(8)).toBe(false);
    inbox.delete(7);
    expect(inbox.has(7)).toBe(false);
  });

  it("is full with as many identifiers as it was made for", () => {
    const inbox = new Inbox(2);
    inbox.add(1);
    expect(inbox.full).toBe(false);
    inbox.add(65_535);
    expect(inbox.full).toBe(true);
    inbox.delete(1);
    expect(inbox.full).toBe(false);
    expect(inbox.has(65_535)).toBe(true);
  });

  it("forgets all when another session begins", () => {
    const inbox = new Inbox(1);
    inbox.add(1);
    inbox.clear();
    expect(inbox.has(1)).toBe(false);
    expect(inbox.full).toBe(false);
  });

  it("behaves as a set", () => {
    const steps = fc.array(fc.record({ add: fc.boolean(), identifier: fc.integer({ min: 1, max: 6 }) }), { maxLength: 40 });
    fc.assert(
      fc.property(steps, (all) => {
        const inbox = new Inbox(4);
        const model = new Set<number>();
        for (const { add, identifier } of all) {
          if (!add) {
            inbox.delete(identifier);
            model.delete(identifier);
          } else if (!inbox.full && !inbox.has(identifier)) {
            inbox.add(identifier);
            model.add(identifier);
          }
          expect(inbox.full).toBe(model.size === 4);
          for (let each = 1; each <= 6; each++) expect(inbox.has(each)).toBe(model.has(each));
        }
      }),
    );
  });
});
