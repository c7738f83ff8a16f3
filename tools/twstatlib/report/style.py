# SPDX-License-Identifier: GPL-2.0-only
"""How the page looks. The colours of areas are those of Okabe and Ito, which people with any
kind of colour blindness tell apart; patterns and words are there as well."""

STYLE = """
:root { --back: #fff; --text: #1a1a1a; --soft: #595959; --line: #c8c8c8; --panel: #f5f5f3;
        --link: #0b57a4; --free: #eaf3ea; --mark: #00000026; --failed: #c43c00;
        --halo: #fff; }
@media screen and (prefers-color-scheme: dark) {
  :root { --back: #161616; --text: #e8e8e8; --soft: #a8a8a8; --line: #4a4a4a;
          --panel: #212121; --link: #8ab8f0; --free: #1f2b20; --mark: #ffffff2e;
          --failed: #ff8a57; --halo: #161616; }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; color-scheme: light dark; }
body { margin: 0 auto; padding: 16px; max-width: 1160px; background: var(--back);
       color: var(--text); font: 16px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.2; margin: 0 0 8px; }
h2 { font-size: 1.2rem; line-height: 1.25; margin: 0 0 8px; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 16px 0 4px; }
p, ul, ol { margin: 0 0 10px; }
ul, ol { padding-left: 1.3em; }
li { overflow-wrap: anywhere; }
a { color: var(--link); }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 0 12px; margin: 0 0 12px;
           font-size: .9rem; }
dl.facts dt { color: var(--soft); }
dl.facts dd { margin: 0; overflow-wrap: anywhere; }
.lead { font-size: 1.05rem; }
section { border-top: 2px solid var(--line); margin-top: 24px; padding-top: 16px; }
.sides { display: grid; gap: 8px 28px; }
.sides > * { min-width: 0; }
figure { margin: 0 0 8px; }
figcaption { font-size: .85rem; color: var(--soft); margin-bottom: 6px; }
.drawing { display: grid; grid-template-columns: 50px 1fr; }
svg { display: block; overflow: visible; }
svg.plot { width: 100%; }
svg text { font: 12px system-ui, sans-serif; fill: var(--text); }
.scale text { text-anchor: end; fill: var(--soft); }
.plot text { text-anchor: middle; }
.plot text.time { fill: var(--soft); }
.mark { stroke: var(--mark); }
.patterns { position: absolute; }
.fill.timewait { fill: #e69f00; }
.fill.open { fill: #56b4e9; }
.fill.other { fill: #cc79a7; }
.fill.bound { fill: #b4b4b4; }
.fill.reuse { fill: #f6dfa8; }
.fill.gap { fill: var(--panel); }
.line { stroke: #0008; stroke-width: 1.5; fill: none; }
.gap-line { stroke: var(--soft); stroke-width: 1; fill: none; }
.area { stroke: #000000a0; stroke-width: 1px; }
.worst { fill: var(--text); }
.area.timewait { fill: url(#p-timewait); }
.area.open { fill: url(#p-open); }
.area.other { fill: url(#p-other); }
.area.bound { fill: url(#p-bound); }
.area.reuse { fill: url(#p-reuse); }
.area.free { fill: var(--free); stroke: none; }
.gap { fill: url(#p-gap); stroke: var(--line); }
.failed { fill: var(--failed); }
text.name { font-weight: 600; paint-order: stroke; stroke: var(--halo); stroke-width: 3px;
            stroke-linejoin: round; }
text.of-timewait, text.of-open, text.of-other, text.of-bound, text.of-reuse {
  fill: #000; stroke: #ffffffb0; }
rect.level { stroke: var(--back); }
.level.ok { fill: var(--free); background: var(--free); }
.level.none { fill: none; background: none; }
.level.warn { fill: #f0e442; background: #f0e442; color: #000; }
.level.crit { fill: #e07b39; background: #e07b39; color: #000; }
.level.full { fill: #7a1022; background: #7a1022; color: #fff; }
span.level { padding: 0 .45em; border-radius: 3px; font-size: max(.85em, 12px);
             border: 1px solid var(--line); }
svg text.on-warn, svg text.on-crit { fill: #000; }
svg text.on-full { fill: #fff; }
.legend { list-style: none; padding: 0 0 0 50px; margin: 4px 0 0; font-size: .85rem; display: flex;
          flex-wrap: wrap; gap: 2px 16px; }
.legend svg { display: inline-block; vertical-align: -2px; }
.table { overflow-x: auto; margin: 0 0 12px; }
.table:focus-visible { outline: 2px solid var(--link); }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: 4px; }
td { overflow-wrap: break-word; }
td:first-child { min-width: 9em; }
td.number:first-child { min-width: 0; }
td:last-child:not(.number) { min-width: 10em; }
time, .level { white-space: nowrap; }
th, td { text-align: left; padding: 3px 10px 3px 0; border-bottom: 1px solid var(--line);
         vertical-align: top; }
th { font-weight: 600; vertical-align: bottom; }
td.number, th.number { text-align: right; }
.remedies li { break-inside: avoid; }
details { margin: 0 0 8px; }
summary { cursor: pointer; padding: 4px 0; }
footer { border-top: 2px solid var(--line); margin-top: 24px; padding-top: 12px;
         font-size: .85rem; color: var(--soft); }
@media (max-width: 719px) { .wide { display: none; } }
@media (min-width: 960px) {
  .remedies ul { columns: 2; column-gap: 40px; }
  .sides { grid-template-columns: minmax(0, 5fr) minmax(0, 3fr); }
}
@media print {
  @page { margin: 14mm; }
  body { padding: 0; font-size: 10.5pt; max-width: none; }
  .sides { display: block; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  figure, tr, li { break-inside: avoid; }
  h2, h3, caption { break-after: avoid; }
  .table { overflow: visible; }
  details::details-content { content-visibility: visible; display: block; height: auto; }
  a { color: inherit; text-decoration: none; }
}
"""
