import { describe, expect, it } from "vitest";
import { DialSensors } from "../../../hosts/mcsim/app/dial-sensors.js";
import { SimulatedSensors } from "../../../hosts/telemetry.js";

const STILL = 0.5;

describe("sensors with a dial", () => {
  it("drift to where the dial stands", () => {
    const sensors = new DialSensors(20, new SimulatedSensors(), [], () => STILL);
    sensors.dial = 30;
    sensors.sample(1);
    expect(sensors.temperature).toBeCloseTo(22);
    for (let sequence = 2; sequence < 60; sequence++) sensors.sample(sequence);
    expect(sensors.temperature).toBeCloseTo(30, 3);
  });

  it("are a little noisy", () => {
    const temperatures = [0, 0.999].map((random) => {
      const sensors = new DialSensors(20, new SimulatedSensors(), [], () => random);
      sensors.sample(1);
      return sensors.temperature;
    });
    expect(temperatures[0]).toBeCloseTo(19.925, 2);
    expect(temperatures[1]).toBeCloseTo(20.075, 2);
  });

  it("have the humidity and the battery of others", () => {
    const others = new SimulatedSensors();
    const sensors = new DialSensors(20, others);
    sensors.sample(3);
    expect([sensors.humidity, sensors.battery]).toEqual([others.humidity, others.battery]);
    expect(sensors.battery).toBeGreaterThan(3);
  });
});
