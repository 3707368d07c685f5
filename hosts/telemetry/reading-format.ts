import { utf8 } from "mqtt-xs";
import type { Extra } from "./sensors.js";

/** How long a number can be: -999999999.999999, or a sequence number of 2^53. */
const NUMBER_SIZE = 17;

/** The pieces of JSON between the numbers, encoded once and shared by all readings. */
export class ReadingFormat {
  readonly sequence = utf8('{"sequence":');
  readonly temperature = utf8(',"temperature":');
  readonly humidity = utf8(',"humidity":');
  readonly battery = utf8(',"battery":');
  readonly extras: readonly Uint8Array[];
  readonly none = utf8("null");
  readonly padding = utf8(',"padding":"');
  readonly end = utf8("}");
  /** Bytes of the longest reading, padding not counted. */
  readonly size: number;

  /** @param extras what readings hold beside the numbers that all have. */
  constructor(extras: readonly Extra[]) {
    this.extras = extras.map(({ name }) => utf8(`,${JSON.stringify(name)}:`));
    const fields = [this.sequence, this.temperature, this.humidity, this.battery, ...this.extras];
    this.size = fields.reduce((sum, { length }) => sum + length + NUMBER_SIZE, this.padding.length);
  }
}
