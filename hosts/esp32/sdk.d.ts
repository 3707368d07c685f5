// The part of the SDK that this folder uses and hosts/mcsim does not, for the checks of this repository. mcconfig checks
// against the SDK's own typings, and for mc/ffi those that it makes from the manifest.

/** ECMA-419's Wi-Fi interface. */
declare module "embedded:network/interface/wifi" {
  export default class WiFi {
    constructor(options: { onChanged?: (property: "connection" | "address") => void });
    readonly connection: number;
    readonly MAC: string | undefined;
    readonly RSSI: number | undefined;
    connect(options: { SSID: string; password?: string }): void;
    disconnect(): void;
  }
}

/** The functions of native/manifest.json. */
declare module "mc/ffi" {
  export default class Native {
    board_temperature(): number;
    board_free_memory(): number;
    board_count_boot(): number;
    board_sleep(seconds: number): void;
  }
}

declare module "sntp" {
  export default class SNTP {
    static readonly time: 1;
    static readonly retry: 2;
    static readonly error: -1;
    constructor(options: { host: string }, callback: (message: 1 | 2 | -1, seconds?: number) => void);
  }
}

/** What the firmware has in flash, by its name. */
declare module "Resource" {
  export default class Resource extends ArrayBuffer {
    constructor(name: string);
  }
}

declare const System: {
  /** `address` is absent when there is none. */
  resolve(host: string, callback: (host: string, address?: string) => void): void;
};
