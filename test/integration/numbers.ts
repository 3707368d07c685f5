import { expect } from "vitest";
import { WOULD_BLOCK, type QoS } from "mqtt-xs";
import { until } from "../support/waiting.js";
import type { AnyDevice, DeviceMessage } from "./any-device.js";

export const COUNT = 60;

/** The payloads of `COUNT` messages, alternately with QoS 1 and 2. */
export const NUMBERS = Array.from({ length: COUNT }, (_, index) => String(index));

export function qosOf(number: string): QoS {
  return Number(number) % 2 === 0 ? 1 : 2;
}

/** A device, whatever version it speaks. */
type Publisher = Pick<AnyDevice<never, DeviceMessage>, "delivered" | "onWritable">;

/**
 * Publishes all numbers by `publish`, waiting for room: the first half, a few that `between` finds on their way, then the rest.
 */
export async function publishNumbers(
  device: Publisher,
  publish: (number: string, qos: QoS) => number,
  between: () => Promise<void>,
): Promise<void> {
  let next = 0;
  let limit = COUNT / 2 + 3;
  const publishMore = (): void => {
    while (next < limit && publish(NUMBERS[next], qosOf(NUMBERS[next])) !== WOULD_BLOCK) next++;
  };
  device.onWritable = publishMore;
  publishMore();
  await until("half of the messages are delivered", () => device.delivered.length >= COUNT / 2);
  await between();
  limit = COUNT;
  publishMore();
  await until("all messages are delivered", () => device.delivered.length === COUNT);
}

/**
 * Each number arrived: those of QoS 2 once, those of QoS 1 at least once; both in the order in which they were sent, but
 * not among each other, since a server passes a QoS 2 message on when it is released.
 */
export function expectAllArrived(payloads: readonly string[]): void {
  const arrived = (qos: QoS): string[] => payloads.filter((number) => qosOf(number) === qos);
  const sent = (qos: QoS): string[] => NUMBERS.filter((number) => qosOf(number) === qos);
  expect([...new Set(arrived(1))]).toEqual(sent(1));
  expect(arrived(2)).toEqual(sent(2));
}

/** Whether the last number of each quality of service is there. */
export function hasLast(messages: readonly { readonly payload: Buffer }[]): boolean {
  const payloads = messages.map(({ payload }) => payload.toString());
  return NUMBERS.slice(-2).every((number) => payloads.includes(number));
}
