/** Text of SVG. */
export type Markup = string;

/** An element with its attributes and what is in it, which is not escaped. */
export function element(name: string, attributes: Readonly<Record<string, string | number>>, content: Markup = ""): Markup {
  const words = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${escaped(String(value))}"`)].join(" ");
  return content === "" ? `<${words}/>` : `<${words}>${content}</${name}>`;
}

/** Text as it may stand in SVG. */
export function escaped(text: string): Markup {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
