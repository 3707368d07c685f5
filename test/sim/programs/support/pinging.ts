import type { Client, ClientOptions, Clock, ClockTimer } from "mqtt-xs";
import Instrumentation from "instrumentation";
import Timer from "timer";
import { Steady } from "./steady.js";

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

/** Has a client keep alive, and do nothing else. Each PINGREQ follows the PINGRESP before it at once: time is the program's. */
export function keepPinging(
  makeClient: (options: Pick<ClientOptions, "clock" | "keepalive"> & { onConnect: () => void }) => Pick<Client, "connect" | "close">,
): void {
  const read = Instrumentation.map("Network Bytes Read");
  const written = Instrumentation.map("Network Bytes Written");
  const steady = new Steady();
  const clock = new JumpingClock();
  let expected = 0;

  const ping = (): void => {
    const before = Instrumentation.get(written);
    while (Instrumentation.get(written) === before) clock.jump();
    expected = (Instrumentation.get(read) ?? 0) + PINGRESP_SIZE;
  };

  const turn = (timer: Timer): void => {
    if ((Instrumentation.get(read) ?? 0) < expected) return;
    if (expected > 0) steady.count();
    if (!steady.done) ping();
    else {
      client.close();
      Timer.clear(timer);
    }
  };

  const client = makeClient({ clock, keepalive: 60, onConnect: () => void Timer.repeat(turn, 1) });
  client.connect();
}
