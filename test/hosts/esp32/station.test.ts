import { describe, expect, it } from "vitest";
import { Station, type Radio } from "../../../hosts/esp32/app/station.js";
import { ManualClock } from "../../support/manual-clock.js";

const SECOND = 1_000;

/** A radio that does what the test says. */
class FakeRadio implements Radio {
  connection = 200;
  MAC: string | undefined = "a0:b1:c2:d3:e4:f5";
  RSSI: number | undefined;
  readonly calls: unknown[] = [];
  isBroken = false;

  constructor(readonly onChanged: () => void) {}

  connect(options: object): void {
    this.calls.push(options);
    if (this.isBroken) throw new Error("connect failed");
    this.connection = 300;
  }

  disconnect(): void {
    this.calls.push("disconnect");
    this.connection = 200;
  }

  become(connection: number): void {
    this.connection = connection;
    this.onChanged();
  }
}

class Bench {
  readonly clock = new ManualClock();
  ups = 0;
  readonly station: Station;
  readonly radio: FakeRadio;

  constructor({ password = "secret", random = 1, isBroken = false } = {}) {
    let radio: FakeRadio | undefined;
    this.station = new Station({
      ssid: "home",
      password,
      clock: this.clock,
      open: (onChanged) => {
        radio = new FakeRadio(onChanged);
        radio.isBroken = isBroken;
        return radio;
      },
      onUp: () => this.ups++,
      random: () => random,
    });
    if (!radio) throw new Error("the radio was not opened");
    this.radio = radio;
  }

  /** How many attempts there have been. */
  get attempts(): number {
    return this.radio.calls.filter((call) => call !== "disconnect").length;
  }

  /** Fails the attempt that is under way; milliseconds until the next one. */
  fail(): number {
    this.radio.become(200);
    const wait = this.clock.untilNext ?? NaN;
    this.clock.advance(wait);
    return wait;
  }
}

describe("a Wi-Fi station", () => {
  it("joins the network at once, with its password", () => {
    expect(new Bench().radio.calls).toEqual([{ SSID: "home", password: "secret" }]);
  });

  it("joins an open network without one", () => {
    expect(new Bench({ password: "" }).radio.calls).toEqual([{ SSID: "home" }]);
  });

  it("is up when it has an address, not before, and once", () => {
    const bench = new Bench();
    bench.radio.become(400);
    expect(bench.ups).toBe(0);
    bench.radio.become(500);
    bench.radio.onChanged();
    expect([bench.ups, bench.clock.armed]).toEqual([1, 0]);
  });

  it("tells the board's address and the strength of the signal", () => {
    const { radio, station } = new Bench();
    expect(station.mac).toBe("a0:b1:c2:d3:e4:f5");
    expect(station.signal).toBeNaN();
    radio.RSSI = -61;
    expect(station.signal).toBe(-61);
    radio.MAC = undefined;
    expect(station.mac).toBe("");
  });

  it("joins again when the network is lost, and says so when it is back", () => {
    const bench = new Bench();
    bench.radio.become(500);
    expect(bench.fail()).toBe(SECOND);
    expect(bench.attempts).toBe(2);
    bench.radio.become(500);
    expect(bench.ups).toBe(2);
  });

  it("waits twice as long after each failure, up to a minute, and begins anew after a success", () => {
    const bench = new Bench();
    const waits = Array.from({ length: 8 }, () => bench.fail() / SECOND);
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    bench.radio.become(500);
    expect(bench.fail()).toBe(SECOND);
  });

  it("draws each wait from its upper half", () => {
    expect(new Bench({ random: 0 }).fail()).toBe(SECOND / 2);
    expect(new Bench({ random: 0.5 }).fail()).toBe(0.75 * SECOND);
  });

  it("gives up an attempt that comes to nothing, such as without an address", () => {
    const bench = new Bench();
    bench.radio.become(400);
    bench.clock.advance(20 * SECOND);
    expect(bench.radio.calls.at(-1)).toBe("disconnect");
    bench.clock.advance(SECOND);
    expect(bench.attempts).toBe(2);
  });

  it("does not wait anew when a loss is told twice", () => {
    const bench = new Bench();
    bench.radio.become(200);
    bench.clock.advance(SECOND / 2);
    bench.radio.become(200);
    bench.clock.advance(SECOND / 2);
    expect(bench.attempts).toBe(2);
  });

  it("tries again when the radio refuses to try", () => {
    const bench = new Bench({ isBroken: true });
    bench.clock.advance(SECOND);
    bench.clock.advance(2 * SECOND);
    expect(bench.attempts).toBe(3);
    bench.radio.isBroken = false;
    bench.clock.advance(4 * SECOND);
    bench.radio.become(500);
    expect(bench.ups).toBe(1);
  });
});
