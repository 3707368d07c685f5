import Sim from "sim";
import { DeviceClock } from "../../../hosts/device/index.js";

// Arms timers of the device's clock, whose delays are the program's arguments, and tells which of them have fired until one
// of half a second has.

const clock = new DeviceClock();
for (let index = 0; index < Sim.argumentCount; index++) {
  const delay = Sim.argument(index) ?? "";
  clock.createTimer(() => trace(delay)).schedule(Number(delay));
}
clock.createTimer(() => Sim.exit()).schedule(500);
