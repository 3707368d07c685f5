/** What the device's engine has used, by its own counters. */
export interface Counters {
  /** Slots and bytes of chunks allocated since the start, ever. */
  readonly slots: number;
  readonly chunkBytes: number;
  /** Those in use now, over an idle engine. */
  readonly slotsInUse: number;
  readonly chunkBytesInUse: number;
  readonly collections: number;
}

/** What the firmware tells, from whichever host it runs on. */
export type DeviceEvent =
  | { readonly type: "connected"; readonly sessionPresent: boolean }
  | { readonly type: "disconnected"; readonly code: string; readonly reasonCode: number; readonly message: string }
  | {
      readonly type: "reading";
      readonly sequence: number;
      readonly temperature: number;
      readonly humidity: number;
      readonly battery: number;
    }
  | { readonly type: "published"; readonly sequence: number }
  | {
      readonly type: "delivered";
      readonly sequence: number;
      readonly roundTrip: number;
      /** Undefined where the engine has none. */
      readonly counters: Counters | undefined;
    }
  | { readonly type: "refused"; readonly sequence: number; readonly reasonCode: number }
  | { readonly type: "interval"; readonly milliseconds: number }
  | { readonly type: "finished" };

/** What the independent subscriber tells. */
export type WitnessEvent =
  | {
      readonly type: "received";
      readonly sequence: number;
      /** What MQTT 5.0 says of it beside the payload, in words; undefined with 3.1.1. */
      readonly properties?: string | undefined;
    }
  | { readonly type: "repeated"; readonly sequence: number }
  | { readonly type: "corrupted"; readonly reason: string };

/** Everything that happens in a run. */
export type RunEvent = DeviceEvent | WitnessEvent;
