import type * as Piu from "piu/MC";

/** Contents that lie where their coordinates say. */
export function container(dictionary: Piu.ContainerDictionary, data?: object): Piu.Container {
  return new Container(data, dictionary);
}

/** Contents from left to right. */
export function row(dictionary: Piu.ContainerDictionary): Piu.Container {
  return new Row(null, dictionary);
}

/** Contents from top to bottom. */
export function column(dictionary: Piu.ContainerDictionary): Piu.Container {
  return new Column(null, dictionary);
}
