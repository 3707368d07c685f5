import { describe, expect, it } from "vitest";
import { checkQoS } from "../../src/wire/quality-of-service.js";

describe("checkQoS", () => {
  it.each([0, 1, 2])("takes %i", (qos) => {
    expect(checkQoS(qos, "qos")).toBe(qos);
  });

  it.each([-1, 3, 0.5, NaN])("refuses %d", (qos) => {
    expect(() => checkQoS(qos, "will.qos")).toThrow(
      expect.objectContaining({ code: "ERR_ARGUMENT", message: "will.qos: expected 0, 1 or 2" }) as Error,
    );
  });
});
