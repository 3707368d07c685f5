import { expect, it } from "vitest";
import { Journal } from "mqtt-xs/store";
import { FailingFlash } from "../../store/support/failing-flash.js";
import { get, put } from "../../store/support/records.js";

// What the power-cut simulation has found, reduced.

/** Bytes of a record's header. */
const HEADER = 20;

it("does not take for a record what it has cleared, where the checksum of nothing happens to be 0", () => {
  const flash = new FailingFlash(3, 512);
  const journal = new Journal(flash);
  put(journal, 1, "x".repeat(480 - HEADER)); // fills the first sector
  put(journal, 2, "x".repeat(296 - HEADER)); // up to position 840 of the second, where it is
  flash.cutAfter = flash.steps + 14;
  expect(put(journal, 3, "torn")).toBe(false);

  const errors: string[] = [];
  const onError = ({ message }: Error): unknown => errors.push(message);
  const again = flash.again();
  put(new Journal(again, { onError }), 4, "stored");
  expect(get(new Journal(again.again(), { onError }), 4)).toBe("stored");
  expect(errors).toHaveLength(1);
});
