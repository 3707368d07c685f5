import { expect, it } from "vitest";
import * as api from "mqtt-xs";
import * as payload from "mqtt-xs/payload";

it("exports exactly the public API", () => {
  expect(Object.keys(api).toSorted()).toEqual(["Client", "MqttError", "Topic", "TopicFilter", "WOULD_BLOCK", "utf8"]);
});

it("exports Payload by itself, so that a device that composes none has none", () => {
  expect(Object.keys(payload)).toEqual(["Payload"]);
});

it("gives WOULD_BLOCK a value that no packet identifier has", () => {
  expect(api.WOULD_BLOCK).toBe(-1);
});
