/** Which way a message goes: from the device, or to it. */
export type Direction = "up" | "down";

/** What all messages of all schedules that go one way match. */
export const ALL_UP = "faults/+/up/+";

/** What all messages to one schedule's device match. */
export function filterDown(seed: number): string {
  return `faults/${seed}/down/#`;
}

/** The topic of a message, by its last level. */
export function topicOf(seed: number, direction: Direction, level: string): string {
  return `faults/${seed}/${direction}/${level}`;
}

/** The schedule that a topic belongs to. */
export function seedOf(topic: string): number {
  return Number(topic.split("/")[1]);
}
