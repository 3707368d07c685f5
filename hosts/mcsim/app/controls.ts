import type * as Piu from "piu/MC";
import { button } from "./button.js";
import type { DialSensors } from "./dial-sensors.js";
import { label, setText } from "./label.js";
import { row } from "./layout.js";
import { Slider } from "./slider.js";
import { GAP, style } from "./theme.js";

export const CONTROLS_HEIGHT = 32;
const BUTTON = 78;
const DIAL = 44;

/** °C. */
const MINIMUM = 5;
const MAXIMUM = 35;

/** What stands in for a sensor and a button: the dial of the heating, and "Publish". */
export class Controls {
  readonly content: Piu.Content;

  constructor(sensors: DialSensors, publish: () => void, place: Piu.Coordinates) {
    const value = label(degrees(sensors.dial), style.dial, { width: DIAL, top: 0, bottom: 0 });
    const onChange = (dial: number): void => {
      sensors.dial = dial;
      setText(value, degrees(dial));
    };
    const range = { minimum: MINIMUM, maximum: MAXIMUM, value: sensors.dial, onChange };
    const slider = new Slider(range, { left: 0, right: 0, top: 0, bottom: 0 }).content;
    const gap = new Content(null, { width: GAP });
    const publishButton = button("Publish", publish, { width: BUTTON, top: 0, bottom: 0 });
    this.content = row({ ...place, height: CONTROLS_HEIGHT, contents: [slider, value, gap, publishButton] });
  }
}

function degrees(value: number): string {
  return `${Math.round(value)}°`;
}
