import Native from "mc/ffi";
import { Client, Topic } from "mqtt-xs";
import { DeviceClock } from "mqtt-xs/device";
import { Reading, ReadingFormat, SimulatedSensors } from "mqtt-xs/telemetry";
import { BoardSensors } from "../app/board-sensors.js";
import { identity } from "../app/identity.js";
import { number, readSettings } from "../app/settings.js";
import { Station } from "../app/station.js";
import { setTime } from "../app/time.js";
import { NEEDS_TIME, transportTo } from "../app/transport.js";
import { openWiFi } from "../app/wifi.js";

// One reading, of QoS 1, from waking up to falling asleep. No will and no status: between readings this board is not
// there, and that is as it should be.

const SECOND = 1_000;
/** A reading and its topic fit. */
const PACKET_SIZE = 256;

const board = new Native();
const settings = readSettings();
const clock = new DeviceClock();
clock.createTimer(sleep).schedule(number("awake", 20) * SECOND);
const sensors = new BoardSensors(board, () => station.signal, new SimulatedSensors());
let client: Client | undefined;
const station: Station = new Station({ ...settings, clock, open: openWiFi, onUp });

/** Without an acknowledgement in time, the reading is lost, and the battery is not. */
function sleep(): void {
  board.board_sleep(number("sleep", 300));
}

/** A network that comes back while the client is at it needs nothing: the client looks after its connection itself. */
function onUp(): void {
  if (client) return;
  const made = (client = makeClient());
  const connect = (): void => made.connect();
  made.publish(new Topic(`${settings.base}/reading`), takeReading(), 1);
  if (NEEDS_TIME) setTime(clock, connect);
  else connect();
}

function makeClient(): Client {
  return new Client({
    ...identity(settings, station.mac),
    transport: transportTo(settings),
    clock,
    keepalive: 0,
    reconnectPeriod: 500,
    packetSize: PACKET_SIZE,
    inflight: 1,
    receiveMaximum: 1,
    subscriptions: 1,
    onDelivered: () => client?.close(),
    onDisconnect: (error) => {
      if (!error) sleep();
    },
  });
}

/** Counted from when power came. */
function takeReading(): Reading {
  const boot = board.board_count_boot();
  const reading = new Reading(new ReadingFormat(sensors.extras), 0);
  sensors.sample(boot);
  reading.compose(boot, sensors);
  return reading;
}
