import Native from "mc/ffi";
import { DeviceClock } from "mqtt-xs/device";
import { SimulatedSensors, telemetry, type Telemetry } from "mqtt-xs/telemetry";
import { BoardSensors } from "./app/board-sensors.js";
import { identity } from "./app/identity.js";
import { Led } from "./app/led.js";
import { number, readSettings } from "./app/settings.js";
import { Station } from "./app/station.js";
import { openSession } from "./app/store.js";
import { setTime } from "./app/time.js";
import { NEEDS_TIME, transportTo } from "./app/transport.js";
import { openWiFi } from "./app/wifi.js";

/** Milliseconds: the client cannot know when Wi-Fi is back, so it had better not wait for long. */
const RECONNECT_MAXIMUM = 15_000;

const settings = readSettings();
const clock = new DeviceClock();
const led = new Led();
const sensors = new BoardSensors(new Native(), () => station.signal, new SimulatedSensors());
let firmware: Telemetry | undefined;
const station: Station = new Station({ ...settings, clock, open: openWiFi, onUp });

/** The firmware starts with the first network, and looks after its connection itself from then on. */
function onUp(): void {
  trace("Wi-Fi is up\n");
  if (firmware) return;
  if (NEEDS_TIME) setTime(clock, start);
  else start();
}

function start(): void {
  firmware ??= telemetry({
    ...identity(settings, station.mac),
    transport: transportTo(settings),
    clock,
    session: openSession(),
    base: settings.base,
    interval: number("interval", 10_000),
    reconnectMaximum: RECONNECT_MAXIMUM,
    sensors,
    commands: ["led"],
    observer: {
      onConnect: () => trace("connected\n"),
      onDisconnect: (error) => trace(`${error?.message ?? "closed"}\n`),
      onCommand: (_name, message) => led.obey(message),
    },
  });
}
