import Native from "mc/ffi";
import { Client, Topic } from "mqtt-xs";
import { DeviceClock } from "mqtt-xs/device";
import { Queue } from "mqtt-xs/queue";
import { Reading, ReadingFormat, SimulatedSensors } from "mqtt-xs/telemetry";
import { BoardSensors } from "../app/board-sensors.js";
import { identity } from "../app/identity.js";
import { number, readSettings } from "../app/settings.js";
import { Station } from "../app/station.js";
import { openSession } from "../app/store.js";
import { setTime } from "../app/time.js";
import { NEEDS_TIME, transportTo } from "../app/transport.js";
import { openWiFi } from "../app/wifi.js";

// One reading, of QoS 1, from waking up to falling asleep, and those of earlier times that have not been acknowledged: they
// wait in flash. No will and no status: between readings this board is not there, and that is as it should be.

const SECOND = 1_000;
/** A reading and its topic fit. */
const PACKET_SIZE = 256;

const board = new Native();
const settings = readSettings();
const clock = new DeviceClock();
clock.createTimer(sleep).schedule(number("awake", 20) * SECOND);
const station = new Station({ ...settings, clock, open: openWiFi, onUp });
const session = openSession();
const client = new Client({
  ...identity(settings, station.mac),
  transport: transportTo(settings),
  clock,
  session,
  clean: false,
  keepalive: 0,
  reconnectPeriod: 500,
  packetSize: PACKET_SIZE,
  receiveMaximum: 1,
  subscriptions: 1,
  onConnect: () => queue.drain(),
  onWritable: () => queue.drain(),
  onDelivered: () => {
    if (queue.length === 0 && client.inflight === 0) client.close();
  },
  onDisconnect: (error) => {
    if (!error) sleep();
  },
});
const queue = new Queue({
  client,
  clock,
  session,
  packetSize: PACKET_SIZE,
  messages: number("backlog", 64),
  whenFull: "drop-oldest",
});
let isTaken = false;

/** A network that comes back while the client is at it needs nothing: the client looks after its connection itself. */
function onUp(): void {
  if (isTaken) return;
  takeReading();
  const connect = (): void => client.connect();
  if (NEEDS_TIME) setTime(clock, connect);
  else connect();
}

/** Also without a network or an acknowledgement in time: the reading waits in flash for the next one. */
function sleep(): void {
  if (!isTaken) takeReading();
  board.board_sleep(number("sleep", 300));
}

/** Counted from when power came. */
function takeReading(): void {
  isTaken = true;
  const boot = board.board_count_boot();
  const sensors = new BoardSensors(board, () => station.signal, new SimulatedSensors());
  const reading = new Reading(new ReadingFormat(sensors.extras), 0);
  sensors.sample(boot);
  reading.compose(boot, sensors);
  queue.publish(new Topic(`${settings.base}/reading`), reading, 1);
}
