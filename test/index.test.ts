import { expect, it } from "vitest";
import * as api from "mqtt-xs";

it("exports exactly the public API", () => {
  expect(Object.keys(api).toSorted()).toEqual(["Client", "MqttError", "Payload", "Topic", "TopicFilter", "WOULD_BLOCK"]);
});

it("gives WOULD_BLOCK a value that no packet identifier has", () => {
  expect(api.WOULD_BLOCK).toBe(-1);
});
