import { describe, expect, it } from "vitest";
import { identity } from "../../../hosts/esp32/app/identity.js";

const MAC = "a0:b1:c2:d3:e4:f5";
const settings = {
  ssid: "home",
  password: "of the network",
  host: "broker",
  port: 1883,
  base: "telemetry",
  clientId: "",
  mqttUsername: "",
  mqttPassword: "",
};

describe("a board's identity", () => {
  it("is made from its MAC address", () => {
    expect(identity(settings, MAC)).toEqual({ clientId: "esp32-a0b1c2d3e4f5" });
  });

  it("is what the settings say, if they do", () => {
    const given = { ...settings, clientId: "cellar", mqttUsername: "me", mqttPassword: "of the broker" };
    expect(identity(given, MAC)).toEqual({ clientId: "cellar", username: "me", password: "of the broker" });
  });
});
