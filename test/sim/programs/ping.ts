import type { Clock, ClockTimer } from "mqtt-xs";
import Instrumentation from "instrumentation";
import Timer from "timer";
import { makeClient } from "./support/client.js";
import { Steady } from "./support/steady.js";

// Keeps alive, and does nothing else. Each PINGREQ follows the PINGRESP before it at once, because time is the program's.

const BYTES_READ = Instrumentation.map("Network Bytes Read");
const BYTES_WRITTEN = Instrumentation.map("Network Bytes Written");
const PINGRESP_SIZE = 2;

/** A clock that jumps to the next deadline when it is told to. */
class JumpingClock implements Clock {
  #now = 0;
  #deadline = 0;
  #callback = (): void => {};

  now(): number {
    return this.#now;
  }

  createTimer(callback: () => void): ClockTimer {
    this.#callback = callback;
    return {
      schedule: (milliseconds) => void (this.#deadline = this.#now + milliseconds),
      cancel: () => void (this.#deadline = this.#now),
    };
  }

  jump(): void {
    this.#now = this.#deadline;
    this.#callback();
  }
}

const steady = new Steady();
const clock = new JumpingClock();
let expected = 0;

const bytesRead = (): number => Instrumentation.get(BYTES_READ) ?? 0;
const bytesWritten = (): number => Instrumentation.get(BYTES_WRITTEN) ?? 0;

function ping(): void {
  const before = bytesWritten();
  while (bytesWritten() === before) clock.jump();
  expected = bytesRead() + PINGRESP_SIZE;
}

function turn(timer: Timer): void {
  if (bytesRead() < expected) return;
  if (expected > 0) steady.count();
  if (!steady.done) ping();
  else {
    client.close();
    Timer.clear(timer);
  }
}

const client = makeClient({ clock, keepalive: 60, onConnect: () => void Timer.repeat(turn, 1) });
client.connect();
