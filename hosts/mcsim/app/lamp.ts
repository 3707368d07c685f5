import { led } from "./skin.js";

/** The actuator: on the screen, and where the simulator's skin has an LED, there too. */
export class Lamp {
  isLit = false;

  /** Does what a command says: "on", "off" or "toggle"; anything else changes nothing. */
  obey(command: string): void {
    if (command === "on" || command === "off") this.#light(command === "on");
    else if (command === "toggle") this.#light(!this.isLit);
  }

  #light(isLit: boolean): void {
    this.isLit = isLit;
    if (isLit) led?.on?.();
    else led?.off?.();
  }
}
