import Timer from "./timer.js";

/** Stands in for the device's `time`: the virtual time of its `timer`, as the signed 32 bits that ESP32 gives. */
export default class Time {
  static get ticks(): number {
    return Timer.now | 0;
  }
}
