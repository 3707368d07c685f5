import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

/** The layers of src, lowest first. Each may import from those before it, and errors.ts. */
const LAYERS = ["wire", "codec", "session", "client", "v5", "scram", "request", "websocket", "store", "queue", "ecma419"];

const NO_PACKAGES = {
  regex: "^[^.]",
  message: "src depends on nothing and knows no platform: what it needs of one comes in as Transport or Clock.",
};
const NO_HOSTS = { regex: "(^|/)(hosts|test)/", message: "Hosts and tests import src, not the other way round." };
const NO_ENTRIES = {
  regex: "^\\.\\./(?!(errors|index)\\.js$)[^/]+$",
  message: "Of the files right in src, layers may import errors.ts only, and those beside the library index.ts.",
};

const restrictedImports = (...patterns) => ["error", { patterns: [NO_PACKAGES, NO_HOSTS, ...patterns] }];

/** `request` needs 5.0, of which it takes what that exports, too. */
const NO_ENTRIES_BUT_V5 = {
  regex: "^\\.\\./(?!(errors|index|v5)\\.js$)[^/]+$",
  message: "Of the files right in src, request may import errors.ts, index.ts and v5.ts only.",
};

/** Keeps what is in `layer` from importing what is above it. */
function layerRule(layer, index) {
  const higher = LAYERS.slice(index + 1);
  const noHigher = {
    regex: `/(${higher.join("|")})/`,
    message: `Imports point downwards only: ${LAYERS.toReversed().join(" -> ")}.`,
  };
  const noEntries = layer === "request" ? NO_ENTRIES_BUT_V5 : NO_ENTRIES;
  const patterns = higher.length === 0 ? [noEntries] : [noEntries, noHigher];
  return { files: [`src/${layer}/**`], rules: { "no-restricted-imports": restrictedImports(...patterns) } };
}

export default defineConfig(
  globalIgnores(["dist/", "build/", "coverage/", "**/*.d.ts"]),
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      eqeqeq: "error",
      "no-console": "error",
    },
  },
  { files: ["src/*.ts"], rules: { "no-restricted-imports": restrictedImports() } },
  { files: ["src/errors.ts"], rules: { "no-restricted-imports": restrictedImports({ regex: ".", message: "errors.ts is imported by all." }) } },
  ...LAYERS.map(layerRule),
);
