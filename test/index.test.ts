import { expect, it } from "vitest";
import * as api from "mqtt-xs";
import * as payload from "mqtt-xs/payload";
import * as v5 from "mqtt-xs/v5";

it("exports exactly the public API", () => {
  const application = ["Client", "MqttError", "Topic", "TopicFilter", "WOULD_BLOCK", "utf8"];
  const beside = [
    "Inbox",
    "Outbox",
    "ReceivedMessage",
    "checkQoS",
    "decodeCodePoint",
    "decodeUtf8",
    "encodeUtf8",
    "frame",
    "isTopicName",
    "packetSize",
    "put",
    "readLength",
    "viewOf",
    "wholeNumber",
    "writeLength",
    "wrong",
  ]; // for modules beside the library
  expect(Object.keys(api).toSorted()).toEqual([...application, ...beside].toSorted());
});

it("exports the public API of MQTT 5.0", () => {
  expect(Object.keys(v5).toSorted()).toEqual(["Client", "Properties", "Topic"]);
});

it("exports Payload by itself, so that a device that composes none has none", () => {
  expect(Object.keys(payload)).toEqual(["Payload"]);
});

it("gives WOULD_BLOCK a value that no packet identifier has", () => {
  expect(api.WOULD_BLOCK).toBe(-1);
});
