import { describe, expect, it } from "vitest";
import { BoardSensors } from "../../../hosts/esp32/app/board-sensors.js";
import type { Board } from "../../../hosts/esp32/app/board.js";
import { SimulatedSensors } from "../../../hosts/telemetry.js";

function board(temperature: number): Board {
  return {
    board_temperature: () => temperature,
    board_free_memory: () => 181_244,
    board_count_boot: () => 1,
    board_sleep: () => undefined,
  };
}

describe("the sensors of a board", () => {
  it("measure the chip's temperature, where it can be had", () => {
    const sensors = new BoardSensors(board(41.25), () => -61, new SimulatedSensors());
    sensors.sample(1);
    expect(sensors.temperature).toBe(41.25);
  });

  it("have it from others, where it cannot, and the rest in any case", () => {
    const others = new SimulatedSensors();
    const sensors = new BoardSensors(board(NaN), () => -61, others);
    sensors.sample(5);
    const { temperature, humidity, battery } = sensors;
    expect({ temperature, humidity, battery }).toEqual({
      temperature: others.temperature,
      humidity: others.humidity,
      battery: others.battery,
    });
    expect(battery).toBeGreaterThan(3);
  });

  it("add free memory and the signal, as they are at that moment", () => {
    let signal = NaN;
    const { extras } = new BoardSensors(board(41), () => signal, new SimulatedSensors());
    const values = (): unknown => extras.map(({ name, value }) => [name, value]);
    expect(values()).toEqual([["memory", 181_244], ["signal", NaN]]);
    signal = -70;
    expect(values()).toEqual([["memory", 181_244], ["signal", -70]]);
  });
});
