/** Of messages whose payload says which they are. */
export const NUMBERED_TOPIC = "soak/number";

/** How the topics of empty messages begin; then comes the topic's index. */
export const EMPTY_TOPIC = "soak/empty/";

/** On how many topics the empty messages take turns, so that they can be told apart. A power of two. */
export const EMPTY_TOPICS = 8;

/** All of these messages. */
export const FILTER = "soak/#";

/** Where the witness says what has arrived there. */
export const WITNESSED_TOPIC = "witnessed";

/** One in so many messages is empty. A power of two. */
const EMPTY_PERIOD = 256;

const CYCLE = EMPTY_PERIOD * EMPTY_TOPICS;

/** Whether a message has no payload. */
export function isEmpty(number: number): boolean {
  return (number & (EMPTY_PERIOD - 1)) === 0;
}

/** The index of the topic for the empty message `number`. */
export function emptyTopic(number: number): number {
  return (number / EMPTY_PERIOD) & (EMPTY_TOPICS - 1);
}

/** The number of an empty message on the topic with this index: of those that it may be, the nearest to `near`. */
export function emptyNumber(index: number, near: number): number {
  const ahead = (index * EMPTY_PERIOD - near + CYCLE / 2) & (CYCLE - 1);
  return near + ahead - CYCLE / 2;
}
