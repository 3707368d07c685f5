import type { Sensors } from "./sensors.js";

const TURN = 2 * Math.PI;

/** Smooth curves with a little noise, the same at every run; the battery is one that a solar panel charges now and then. */
export class SimulatedSensors implements Sensors {
  temperature = 0;
  humidity = 0;
  battery = 0;

  #noise = 1;

  /** {@inheritDoc Sensors.sample} Allocates nothing. */
  sample(sequence: number): void {
    this.temperature = 21.5 + 2.5 * Math.sin((sequence * TURN) / 40) + this.#random(0.15);
    this.humidity = 48 - 6 * Math.sin((sequence * TURN) / 52) + this.#random(0.4);
    this.battery = 3.85 + 0.25 * Math.cos((sequence * TURN) / 600) + this.#random(0.004);
  }

  /** Evenly within ±`amplitude`, from a linear congruential generator. */
  #random(amplitude: number): number {
    this.#noise = (Math.imul(this.#noise, 1_664_525) + 1_013_904_223) >>> 0;
    return amplitude * (this.#noise / 2 ** 31 - 1);
  }
}
