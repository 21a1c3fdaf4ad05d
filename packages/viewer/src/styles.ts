// The colours for light and dark mode. They follow the `color-scheme` of the page. It can override each one, for example
// `--spinbay-viewer-accent`.
const colours = {
  surface: ['#ffffff', '#192026'],
  stage: ['#edf1f4', '#0c1115'],
  line: ['#d3dbe2', '#35414b'],
  text: ['#1b242c', '#e8edf1'],
  muted: ['#56626d', '#a3afba'],
  hover: ['#e8eef2', '#28323b'],
  accent: ['#0d6786', '#5cc3e6'],
  pass: ['#1c7a3d', '#4cc177'],
  warn: ['#e0a800', '#f2c230'],
  'warn-edge': ['#7a5c00', '#f2c230'],
  fail: ['#c62828', '#ff6f66'],
  gap: ['#66727d', '#98a5b1'],
} as const;

const declare = (value: (light: string, dark: string) => string) =>
  Object.entries(colours)
    .map(([name, [light, dark]]) => `--${name}:var(--spinbay-viewer-${name},${value(light, dark)});`)
    .join('');

const css = `
:host{${declare((light) => light)}
display:block;position:relative;container-type:inline-size;color:var(--text);background:var(--surface);
border:1px solid var(--line);border-radius:var(--spinbay-viewer-radius,14px);overflow:hidden;
font:500 14px/1.4 var(--spinbay-viewer-font,system-ui,sans-serif);-webkit-tap-highlight-color:transparent}
:host([hidden]){display:none}
@supports (color:light-dark(red,red)){:host{${declare((light, dark) => `light-dark(${light},${dark})`)}}}
[hidden]{display:none!important}
*{box-sizing:border-box}
.frame{display:flex;flex-direction:column;height:100%}
.stage{flex:1 1 auto;position:relative;overflow:hidden;background:var(--stage);aspect-ratio:var(--spinbay-viewer-aspect,4/3);min-height:0}
.view{position:absolute;inset:0;overflow:hidden;cursor:grab;touch-action:pan-y;user-select:none;-webkit-user-select:none;contain:strict}
.view[data-held]{cursor:grabbing}
.view[data-zoomed]{touch-action:none;cursor:move}
.view:focus-visible{outline:none}
.stage:has(.view:focus-visible)::after{content:"";position:absolute;inset:0;pointer-events:none;
outline:3px solid var(--accent);outline-offset:-3px;box-shadow:inset 0 0 0 5px var(--surface)}
.scene,.scene>*{position:absolute;inset:0;width:100%;height:100%}
.scene>*{object-fit:contain}
.view[data-gap] .scene{filter:grayscale(1) opacity(.6)}
.chip{position:absolute;max-width:calc(100% - 24px);display:flex;align-items:center;gap:6px;padding:4px 10px;border-radius:999px;
background:var(--surface);color:var(--text);border:1px solid var(--line);pointer-events:none;font-size:13px;font-weight:600;contain:layout}
.verdict{left:12px;top:12px}
.verdict svg{width:16px;height:16px;flex:none}
.label{font-weight:400;color:var(--muted);overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.label:empty{display:none}
.loading{right:12px;top:12px;font-weight:500;font-variant-numeric:tabular-nums;color:var(--muted)}
.bridge{text-wrap:balance;left:12px;right:12px;bottom:12px;margin:auto;width:fit-content;text-align:center;border-radius:10px;
border:2px dashed var(--gap);font-weight:500}
.empty{position:absolute;inset:0;display:grid;place-items:center;padding:24px;text-align:center;color:var(--muted);pointer-events:none}
.bar{display:grid;grid-template-columns:1fr minmax(0,320px) 1fr;align-items:center;gap:4px 12px;padding:10px 12px;
border-top:1px solid var(--line);background:var(--surface)}
.buttons{display:flex;align-items:center;gap:4px}
.buttons:last-child{justify-content:flex-end}
button{all:unset;box-sizing:border-box;min-width:40px;height:40px;border-radius:9px;display:grid;place-items:center;cursor:pointer;
color:var(--text);font:inherit}
button:hover{background:var(--hover)}
button:focus-visible{outline:2px solid var(--accent);outline-offset:1px}
button[aria-disabled=true]{color:var(--muted);opacity:.55;cursor:default;background:none}
button svg{width:22px;height:22px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
svg[data-icon=play]{fill:currentColor}
svg[data-icon=pause]{stroke-width:4}
.level{min-width:60px;font-size:13px;font-variant-numeric:tabular-nums;color:var(--muted)}
.dial{position:relative;container-type:inline-size}
.dial svg{display:block;width:100%;overflow:visible;cursor:pointer;touch-action:none;user-select:none;-webkit-user-select:none}
.track{fill:none;stroke:var(--line);stroke-width:3}
.track[data-gap=true]{stroke:none}
.mark{stroke:none;stroke-width:2}
.mark[data-status=pass]{fill:var(--pass)}
.mark[data-status=warn]{fill:var(--warn);stroke:var(--warn-edge);stroke-width:1.2;stroke-linejoin:round}
.mark[data-status=fail]{fill:var(--fail)}
.mark[data-status=pending]{fill:none;stroke:var(--accent)}
.mark[data-status=missing]{fill:none;stroke:var(--gap);stroke-dasharray:2.4 2.3}
.mark[data-status=unreachable]{fill:none;stroke:var(--fail)}
.mark[data-loading=true]{opacity:.4}
.cursor{position:absolute;left:0;top:0;width:7cqw;height:7cqw;margin:-3.5cqw 0 0 -3.5cqw;border:2.5px solid var(--text);border-radius:50%;
will-change:transform;pointer-events:none}
.reading{position:absolute;inset:0;display:flex;flex-direction:column;align-items:center;justify-content:center;pointer-events:none;
font-variant-numeric:tabular-nums}
.angle{font-size:22px;line-height:1.2;font-weight:650}
.position{font-size:12px;color:var(--muted)}
.visually-hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@container (max-width:620px){
.bar{grid-template-columns:1fr auto;padding:8px}
.dial{order:-1;grid-column:1/-1;width:min(100% - 20px,320px);margin:4px auto 6px}
.bridge{font-size:12px}
}
@media (pointer:coarse){button{min-width:44px;height:44px}}
@media (forced-colors:active){.mark{forced-color-adjust:none}.chip,button{border:1px solid}}
:host(:fullscreen){border:0;border-radius:0;width:100%;height:100%}
:host(:fullscreen) .stage{aspect-ratio:auto}
`;

let sheet: CSSStyleSheet | undefined;

/** One style sheet for all viewers of a page. Every CSP allows constructed style sheets; many forbid style elements. */
export function viewerStyles(): CSSStyleSheet {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  return sheet;
}
