import { counted, grouped } from "../../../hosts/start/format.js";
import type { Rows } from "../../size/table.js";
import type { Course } from "./course.js";
import type { Plot } from "./plot.js";
import { PATIENCE, type Storm } from "./simulation.js";

/** A policy's name, and what came of it. */
export interface Outcome {
  readonly name: string;
  readonly course: Course;
}

/** Says what is simulated. */
export function describe({ devices, outage, acceptRate, backlog, refusalCost }: Storm): string {
  return [
    `${counted(devices, "device")} lose their broker for ${counted(outage, "second")}. Back again, it accepts`,
    `${grouped(acceptRate)} a second, has ${grouped(backlog)} wait for that, and refuses all others, each of which takes it`,
    `${grouped(refusalCost * 1_000)} µs.`,
  ].join("\n");
}

/** The table of a comparison. */
export function comparison(outcomes: readonly Outcome[]): Rows {
  return [
    ["retries", "failed attempts", "peak, broker gone", "peak, broker back", "99 % connected after", "all connected after"],
    ...outcomes.map(({ name, course }) => [
      name,
      course.failures,
      perSecond(course.peakWhileGone),
      perSecond(course.peakAtReturn),
      seconds(course.recovery(99)),
      seconds(course.recovery(100)),
    ]),
  ];
}

/** The diagrams of a comparison. */
export function plotOf({ devices, outage }: Storm, outcomes: readonly Outcome[]): Plot {
  const series = (of: "attempts" | "connected") =>
    outcomes.map(({ name, course }) => ({ name, values: course.seconds.map((second) => second[of]) }));
  return {
    title: `${counted(devices, "device")} that lose one broker for ${counted(outage, "second")}`,
    timeAxis: "seconds since the broker failed",
    span: { seconds: outage, name: "broker gone" },
    panels: [
      { title: "attempts to connect, per second", series: series("attempts") },
      { title: "devices connected", series: series("connected") },
    ],
  };
}

function perSecond(value: number): string {
  return `${grouped(value)}/s`;
}

function seconds(value: number): string {
  return Number.isFinite(value) ? `${value.toFixed(1)} s` : `over ${PATIENCE} s`;
}
