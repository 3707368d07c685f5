import "piu/MC";
import "piu/shape";
import { DeviceClock } from "mqtt-xs/device";
import { SimulatedSensors, telemetry } from "mqtt-xs/telemetry";
import Timer from "timer";
import { transportTo } from "./app/broker.js";
import { DialSensors } from "./app/dial-sensors.js";
import { chunks, slots } from "./app/heap.js";
import { Lamp } from "./app/lamp.js";
import { Screen } from "./app/screen.js";
import { readSettings } from "./app/settings.js";
import { onButton } from "./app/skin.js";
import { State } from "./app/state.js";
import { keptSession } from "./app/store.js";

/** °C: where the dial stands at first. */
const DIAL = 21;
/** Milliseconds between two looks at the state, however fast messages come. */
const REFRESH = 100;

const { host, port, ...settings } = readSettings();
const sensors = new DialSensors(DIAL, new SimulatedSensors(), [slots, chunks]);
const state = new State(new Lamp());
const firmware = telemetry({
  ...settings,
  ...keptSession(),
  transport: transportTo(host, port),
  clock: new DeviceClock(),
  sensors,
  commands: ["led", "message"],
  observer: state,
});
const publish = (): void => void firmware.read();
const view = new Screen({ broker: `${host}:${port}`, sensors, publish });
Timer.repeat(() => view.show(state), REFRESH);
onButton(publish);
