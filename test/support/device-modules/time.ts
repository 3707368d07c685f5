import Timer from "./timer.js";

/** Stands in for the device's `time`: the virtual time of its `timer`, as the signed 32 bits that ESP32 gives. */
const Time = {
  get ticks(): number {
    return Timer.now | 0;
  },
};

export default Time;
