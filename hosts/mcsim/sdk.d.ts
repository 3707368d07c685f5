// The part of the SDK that this folder uses, for the checks of this repository. mcconfig checks against the SDK's own
// typings, which cannot be had here: they are not on npm, and their globals collide with Node's.

/** What the manifest and the command line configure. */
declare module "mc/config" {
  const config: Readonly<Record<string, unknown>>;
  export default config;
}

/** ECMA-419's files. As in the SDK's typings, without the default export, which is a `Directory`. */
declare module "embedded:storage/files" {
  export class Status {
    readonly size: number;
    isFile(): boolean;
  }

  export class File {
    /** Fills the view as far as there is something. @returns bytes read */
    read(view: Uint8Array, position: number): number;
    write(view: Uint8Array, position: number): void;
    status(): Status;
  }

  export class Directory {
    openFile(options: { path: string; mode: "r" | "r+" | "w" | "w+" }): File;
    /** Throws when there is nothing of that name. */
    status(path: string): Status;
  }
}

declare module "net" {
  export default class Net {
    /** `address` is absent when there is none. */
    static resolve(host: string, callback: (host: string, address?: string) => void): void;
  }
}

declare module "commodetto/outline" {
  interface Path {
    readonly length: number;
  }

  interface CanvasPath extends Path {
    moveTo(x: number, y: number): void;
    lineTo(x: number, y: number): void;
    closePath(): void;
  }

  export class Outline {
    private constructor();
    static readonly CanvasPath: new () => CanvasPath;
    static RoundRectPath(x: number, y: number, width: number, height: number, radius: number): Path;
    static fill(path: Path): Outline;
    static stroke(path: Path, weight: number, linecap: number, linejoin: number): Outline;
    static readonly LINECAP_ROUND: number;
    static readonly LINEJOIN_ROUND: number;
  }
}

declare module "piu/MC" {
  export interface Coordinates {
    left?: number;
    right?: number;
    top?: number;
    bottom?: number;
  }

  export interface Size {
    width?: number;
    height?: number;
  }

  /** Gets the events of its content, which is always the first argument. The SDK's typings do not know `onTouchEnded`. */
  export interface Behavior {
    onCreate?(content: Content, data: object | null): void;
    onDisplaying?(content: Content): void;
    onTouchBegan?(content: Content, id: number, x: number, y: number, ticks: number): void;
    onTouchMoved?(content: Content, id: number, x: number, y: number, ticks: number): void;
    onTouchCancelled?(content: Content, id: number): void;
  }

  export interface Style {
    measure(text: string): Size;
  }

  export interface StyleDictionary {
    font?: string;
    /** One for all states, or one for each. */
    color?: string | string[];
    horizontal?: string;
    vertical?: string;
  }

  /** Made from colours: one for all states, or one for each. */
  export interface Skin {
    readonly width: number;
    readonly height: number;
  }

  export interface ContentDictionary extends Coordinates, Size {
    skin?: Skin;
    style?: Style;
    Behavior?: new () => Behavior;
    visible?: boolean;
    active?: boolean;
    exclusiveTouch?: boolean;
    backgroundTouch?: boolean;
  }

  /** What is displayed. Its position is that on the display. */
  export interface Content {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
    state: number;
    visible: boolean;
    moveBy(x: number, y: number): void;
  }

  export interface LabelDictionary extends ContentDictionary {
    string?: string;
  }

  export interface Label extends Content {
    string: string;
  }

  export interface ContainerDictionary extends ContentDictionary {
    contents?: Content[];
  }

  export interface Container extends Content {
    readonly length: number;
  }

  export interface ApplicationDictionary extends ContainerDictionary {
    displayListLength?: number;
    commandListLength?: number;
    touchCount?: number;
  }

  /** `data` is what the behavior's `onCreate` gets. */
  type Constructor<Dictionary, Instance> = new (data?: object | null, dictionary?: Dictionary) => Instance;

  global {
    const Behavior: new () => Behavior;
    const Style: new (dictionary: StyleDictionary) => Style;
    const Skin: new (dictionary: { fill?: string | string[]; stroke?: string | string[] }) => Skin;
    const Content: Constructor<ContentDictionary, Content>;
    const Label: Constructor<LabelDictionary, Label>;
    const Container: Constructor<ContainerDictionary, Container>;
    const Row: Constructor<ContainerDictionary, Container>;
    const Column: Constructor<ContainerDictionary, Container>;
    const Application: Constructor<ApplicationDictionary, Container>;
    /** The display. */
    const screen: { readonly width: number; readonly height: number };
  }
}

declare module "piu/shape" {
  import type { Outline } from "commodetto/outline";
  import type { Content, ContentDictionary } from "piu/MC";

  /** Draws its outlines in the colours of its skin. */
  export interface Shape extends Content {
    fillOutline: Outline;
    strokeOutline: Outline;
  }

  global {
    const Shape: new (data?: object | null, dictionary?: ContentDictionary) => Shape;
  }
}
