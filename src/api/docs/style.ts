/** The page's look: system fonts, light or dark as the reader's system is, contents beside the text where there is room. */
export const DOCS_STYLE = `
:root { color-scheme: light dark; --text: #1c2430; --soft: #5b6675; --line: #dde3ea; --page: #fff; --tint: #f5f7fa; --link: #0b5cad; }
@media (prefers-color-scheme: dark) {
  :root { --text: #dfe5ec; --soft: #98a4b3; --line: #303947; --page: #14181f; --tint: #1c222b; --link: #7db8f5; }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; color: var(--text); background: var(--page); }
nav { padding: 1.5rem; font-size: .9rem; border-bottom: 1px solid var(--line); }
nav ul { margin: .2rem 0 1rem; padding: 0; list-style: none; }
nav a { display: block; padding: .1rem 0; text-decoration: none; }
main { max-width: 60rem; padding: 1.5rem; }
@media (min-width: 60rem) {
  body { display: grid; grid-template-columns: 16rem minmax(0, 1fr); }
  nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; border-bottom: 0; border-right: 1px solid var(--line); }
  main { padding: 1.5rem 2.5rem; }
}
a { color: var(--link); }
h1 small { color: var(--soft); font-weight: normal; font-size: 1rem; }
h2 { margin-top: 3rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
h3 { margin: 2.2rem 0 .3rem; font-size: 1.05rem; overflow-wrap: anywhere; }
h4 { margin: 1.2rem 0 .3rem; color: var(--soft); font-size: .85rem; }
code, pre { font: .875em/1.5 ui-monospace, monospace; }
pre { padding: .8rem 1rem; overflow-x: auto; background: var(--tint); border: 1px solid var(--line); border-radius: 6px; }
table { display: block; overflow-x: auto; border-collapse: collapse; font-size: .9rem; }
th, td { padding: .35rem .9rem .35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; }
.optional { color: var(--soft); font-size: .8rem; }
.method { display: inline-block; min-width: 4rem; padding: .05rem .4rem; text-align: center; font-size: .8rem; border-radius: 4px; color: #fff; background: #3b6ea5; }
.post { background: #2c7a4b; }
.put { background: #8a5a12; }
.delete { background: #a83232; }
`;
