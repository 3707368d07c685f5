import type * as Piu from "piu/MC";
import { Chart } from "./chart.js";
import { COMMAND_BAR_HEIGHT, CommandBar } from "./command-bar.js";
import { Controls, CONTROLS_HEIGHT } from "./controls.js";
import type { DialSensors } from "./dial-sensors.js";
import { Figures, FIGURES_HEIGHT } from "./figures.js";
import { Header, HEADER_HEIGHT } from "./header.js";
import { column, row } from "./layout.js";
import type { Part } from "./part.js";
import { Reading, READING_HEIGHT, READING_WIDTH } from "./reading.js";
import type { State } from "./state.js";
import { colour, GAP, MARGIN } from "./theme.js";

const SIDES = { left: MARGIN, right: MARGIN };
const BELOW = { ...SIDES, top: GAP };
const FILL = { left: 0, right: 0, top: 0, bottom: 0 };

/** What the chart needs at least, beside the reading and below it. */
const CHART_WIDTH = 80;
const CHART_HEIGHT = 48;

/** What the screen is made of, beside the state. */
export interface ScreenOptions {
  /** The broker, in words. */
  readonly broker: string;
  readonly sensors: DialSensors;
  /** "Publish" was pressed. */
  readonly publish: () => void;
}

/** All that is on the display, upright or lying; on a small one, what matters most. */
export class Screen {
  readonly #parts: Part[] = [];
  #shown = -1;

  constructor(options: ScreenOptions) {
    const width = screen.width - 2 * MARGIN;
    const room = new Room(screen.height - HEADER_HEIGHT - READING_HEIGHT - GAP);
    const isNarrow = width < READING_WIDTH;
    const contents = [this.#add(new Header(isNarrow ? "" : options.broker)), this.#upper(width, room)];
    if (!isNarrow && room.take(FIGURES_HEIGHT)) contents.push(this.#add(new Figures(width, BELOW)));
    if (room.take(COMMAND_BAR_HEIGHT)) contents.push(this.#add(new CommandBar(BELOW)));
    if (!isNarrow && room.take(CONTROLS_HEIGHT)) contents.push(new Controls(options.sensors, options.publish, BELOW).content);
    contents.push(new Content(null, { height: GAP }));
    this.#open(contents);
  }

  /** Shows what has changed since the last time. */
  show(state: State): void {
    if (state.revision === this.#shown) return;
    this.#shown = state.revision;
    for (const part of this.#parts) part.show(state);
  }

  /** The reading, and the chart where there is room for it, beside or below. It takes all the height that is left. */
  #upper(width: number, room: Room): Piu.Content {
    const place = { ...SIDES, top: 0, bottom: 0 };
    const beside = width - READING_WIDTH;
    if (beside >= CHART_WIDTH && screen.width > screen.height) {
      const reading = this.#add(new Reading(width, { top: 0, width: READING_WIDTH }));
      return row({ ...place, contents: [reading, this.#add(new Chart(beside, FILL))] });
    }
    const reading = this.#add(new Reading(width, { left: 0, right: 0 }));
    const below = room.take(CHART_HEIGHT) ? [this.#add(new Chart(width, { ...FILL, top: GAP }))] : [];
    return column({ ...place, contents: [reading, ...below] });
  }

  #add(part: Part): Piu.Content {
    this.#parts.push(part);
    return part.content;
  }

  #open(contents: Piu.Content[]): void {
    new Application(null, {
      displayListLength: 8192,
      commandListLength: 8192,
      touchCount: 1,
      skin: new Skin({ fill: colour.background }),
      contents: [column({ ...FILL, contents })],
    });
  }
}

/** Pixels of height that are left. */
class Room {
  #height: number;

  constructor(height: number) {
    this.#height = height;
  }

  /** Takes a part's height and the gap next to it, if there is room for them. */
  take(height: number): boolean {
    if (this.#height < height + GAP) return false;
    this.#height -= height + GAP;
    return true;
  }
}
