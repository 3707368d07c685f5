interface Led {
  on?(): void;
  off?(): void;
}

/** What the skins of the simulator bring along as the global `Host`; each lacks something, and without a skin there is none. */
interface Skin {
  readonly LED?: { readonly Default?: new (options: object) => Led };
  readonly Button?: { readonly Default?: new (options: { onPush: (pressed: 0 | 1) => void }) => object };
}

const { Host: skin } = globalThis as { Host?: Skin };

/** The skin's LED. */
export const led: Led | undefined = skin?.LED?.Default && new skin.LED.Default({});

/** Has the skin's button call `onPush` when it goes down. */
export function onButton(onPush: () => void): void {
  if (skin?.Button?.Default) new skin.Button.Default({ onPush: (pressed) => pressed === 1 && onPush() });
}
