import type { Extra, Sensors } from "mqtt-xs/telemetry";

/** The part of its distance to the dial that the temperature moves with each reading. */
const STEP = 0.2;
/** °C from the lowest to the highest. */
const NOISE = 0.15;

/** Sensors of a room whose heating has a dial: the temperature drifts to where the dial stands. */
export class DialSensors implements Sensors {
  /** °C. */
  dial: number;
  temperature: number;

  readonly extras: readonly Extra[];
  readonly #others: Sensors;
  readonly #random: () => number;

  /**
   * @param dial where it stands at first, °C.
   * @param others whose humidity and battery these are.
   * @param random uniform in [0, 1).
   */
  constructor(dial: number, others: Sensors, extras: readonly Extra[] = [], random = Math.random) {
    this.dial = this.temperature = dial;
    this.extras = extras;
    this.#others = others;
    this.#random = random;
  }

  get humidity(): number {
    return this.#others.humidity;
  }

  get battery(): number {
    return this.#others.battery;
  }

  /** {@inheritDoc Sensors.sample} */
  sample(sequence: number): void {
    this.#others.sample(sequence);
    this.temperature += (this.dial - this.temperature) * STEP + (this.#random() - 0.5) * NOISE;
  }
}
