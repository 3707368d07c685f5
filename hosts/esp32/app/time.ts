import type { Clock } from "mqtt-xs";
import SNTP from "sntp";
import Time from "time";
import { text } from "./settings.js";

/** Milliseconds: 2026 began. A clock before that has never been set. */
const SET = 1_767_225_600_000;
/** Milliseconds from one failure to the next attempt. */
const RETRY = 10_000;

/** Has the clock set by SNTP, however often it takes, unless it goes right already, as after deep sleep. */
export function setTime(clock: Clock, done: () => void): void {
  if (Date.now() > SET) {
    done();
    return;
  }
  const host = text("sntp");
  const ask = (): SNTP => new SNTP({ host }, onAnswer);
  const retry = clock.createTimer(ask);
  ask();

  function onAnswer(message: number, seconds?: number): void {
    if (message === SNTP.error) retry.schedule(RETRY);
    if (message !== SNTP.time || seconds === undefined) return;
    Time.set(seconds);
    done();
  }
}
