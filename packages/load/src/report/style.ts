/** The style of a report: light and dark, for a phone as for a wide screen. */
export const style = `
:root {
  --text: #1c2330; --weak: #4d5768; --ground: #ffffff; --raised: #f3f5f8; --grid: #d9dee6; --note: #8f1d1d; --note-ground: #fdecec;
  --one: #1d5fd1; --two: #b4500f; --three: #8b1fa8; --four: #5b6472;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e6e9ef; --weak: #aab3c2; --ground: #12161d; --raised: #1b212b; --grid: #343d4b; --note: #ffb4ab; --note-ground: #43191a;
    --one: #77aaff; --two: #ffa05c; --three: #de8cf2; --four: #9aa5b5;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; }
.about { color: var(--weak); margin: 0 0 1rem; overflow-wrap: anywhere; }
.note { color: var(--note); background: var(--note-ground); border-left: 4px solid var(--note); padding: .5rem .75rem; font-weight: 600; }
pre { background: var(--raised); padding: .75rem 1rem; overflow-x: auto; font: 13px/1.55 ui-monospace, monospace; border-radius: 6px; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr)); gap: 1.5rem; }
figure { margin: 0; min-width: 0; overflow: hidden; }
figcaption { font-weight: 600; margin-bottom: .25rem; }
.u-legend { color: var(--text); font-size: 13px; }
.u-legend th, .u-legend td { padding: 2px 6px; }
`;
