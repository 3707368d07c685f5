/** One more number that readings hold, such as a board's free memory. */
export interface Extra {
  /** Its name in the JSON; the same for as long as the firmware runs. */
  readonly name: string;
  /** How many places behind the point are published, 0 to 6. Default 0. */
  readonly decimals?: number;
  /** In which it is measured, as in `"°C"`; the same for as long as the firmware runs. Published over MQTT 5.0 only. */
  readonly unit?: string;
  /** As of the last `sample`. */
  readonly value: number;
}

/**
 * What a reading is made of. What is not a number below 10^9, as NaN where a sensor did not answer, is published as
 * `null`. To keep the firmware from allocating, an implementation must not allocate either.
 */
export interface Sensors {
  /** °C. */
  readonly temperature: number;
  /** Relative, in percent. */
  readonly humidity: number;
  /** Volts. */
  readonly battery: number;
  /** Further numbers, which stand behind those in this order. */
  readonly extras?: readonly Extra[];
  /** Reads all sensors for the `sequence`th time. */
  sample(sequence: number): void;
}
