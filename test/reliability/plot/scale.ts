/** An axis from `from` to `to`, with round numbers at its ticks. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
  /** How far along the axis a value is, from 0 to 1. */
  readonly position: (value: number) => number;
}

/** Steps between ticks, times a power of ten. */
const STEPS = [1, 2, 5, 10];

/**
 * From 0 to the next tick at or above `maximum`, so that nothing looks steeper than it is.
 * @param count of steps, about.
 */
export function linearScale(maximum: number, count: number): Scale {
  if (maximum <= 0) return linearScale(1, count);
  const step = roundStep(maximum / count);
  const steps = Math.max(1, Math.ceil(maximum / step));
  const to = steps * step;
  return { from: 0, to, ticks: Array.from({ length: steps + 1 }, (_, index) => index * step), position: (value) => value / to };
}

/** From 1 to the next power of ten at or above `maximum`, with a tick at each. What is below 1 is at 1. */
export function logarithmicScale(maximum: number): Scale {
  const decades = Math.max(1, Math.ceil(Math.log10(Math.max(1, maximum))));
  return {
    from: 1,
    to: 10 ** decades,
    ticks: Array.from({ length: decades + 1 }, (_, index) => 10 ** index),
    position: (value) => Math.log10(Math.max(1, value)) / decades,
  };
}

function roundStep(least: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(least));
  const step = STEPS.find((factor) => factor * magnitude >= least * (1 - Number.EPSILON)) ?? 10;
  return step * magnitude;
}
