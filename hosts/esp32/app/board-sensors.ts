import type { Extra, Sensors } from "mqtt-xs/telemetry";
import type { Board } from "./board.js";

/** A number that is taken when it is asked for. */
class Measure implements Extra {
  constructor(
    readonly name: string,
    private readonly measure: () => number,
  ) {}

  get value(): number {
    return this.measure();
  }
}

/**
 * The sensors of a bare board: the chip's temperature where it tells, free memory in bytes, and the signal in dBm. For
 * what it cannot measure, others stand in. Allocates nothing.
 */
export class BoardSensors implements Sensors {
  temperature = NaN;
  readonly extras: readonly Extra[];
  readonly #board: Board;
  readonly #others: Sensors;

  /** @param signal gives the strength of what is received, in dBm. */
  constructor(board: Board, signal: () => number, others: Sensors) {
    this.#board = board;
    this.#others = others;
    this.extras = [new Measure("memory", () => board.board_free_memory()), new Measure("signal", signal)];
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
    const temperature = this.#board.board_temperature();
    this.temperature = Number.isNaN(temperature) ? this.#others.temperature : temperature;
  }
}
