/** How plots look, on light and dark ground: quiet around the lines, whose colours everyone can tell apart. */
export const STYLE = `
svg { color-scheme: light dark; font: 12px system-ui, sans-serif;
  --ground: #fcfcfb; --ink: #1b1b1a; --quiet: #62625e; --faint: #e3e3df;
  --line0: #2a78d6; --line1: #c2410c; --line2: #1a8a5c; --line3: #8a4fc4; }
@media (prefers-color-scheme: dark) {
  svg { --ground: #1a1a19; --ink: #f3f3f0; --quiet: #b0b0aa; --faint: #353533;
    --line0: #5b9df0; --line1: #f08a4b; --line2: #4cc38f; --line3: #b78ae6; }
}
.ground { fill: var(--ground); }
text { fill: var(--quiet); }
.title { font-size: 15px; font-weight: 600; fill: var(--ink); }
.label { fill: var(--ink); }
.middle { text-anchor: middle; }
.end { text-anchor: end; }
.axis { stroke: var(--quiet); }
.grid { stroke: var(--faint); }
.mark { stroke: var(--quiet); stroke-dasharray: 2 3; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.line0 { stroke: var(--line0); }
.line1 { stroke: var(--line1); }
.line2 { stroke: var(--line2); }
.line3 { stroke: var(--line3); }
`;
