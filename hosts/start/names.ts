/** The names of one run, which no other run on the same broker shares. */
export interface Names {
  /** The firmware's client identifier, at most 23 bytes, as every broker must allow. */
  readonly clientId: string;
  /** What the firmware's topics begin with. */
  readonly base: string;
}

/** New names. */
export function makeNames(random: () => number = Math.random): Names {
  const suffix = Math.floor(random() * 36 ** 8)
    .toString(36)
    .padStart(8, "0");
  return { clientId: `mqtt-xs-${suffix}`, base: `mqtt-xs/${suffix}` };
}
