import { chartStyle, escapeXml } from '@viscpm/core/report'
import type { Lang } from '../locale.js'

const style = `:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1f2328;background:#fff}
table{border-collapse:collapse;margin:1rem 0;font-variant-numeric:tabular-nums;display:block;overflow-x:auto}
th,td{padding:.25rem .75rem .25rem 0;text-align:left;border-bottom:1px solid #d0d7de;vertical-align:top}
tbody th{font-weight:normal}h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}.notes{color:#57606a;font-size:.9em}
@media (prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}th,td{border-color:#3a424c}.notes{color:#9ba5b0}}
${chartStyle}`

/** One HTML file: no scripts, nothing from elsewhere. @param sections HTML, escaped already */
export function htmlPage(title: string, lang: Lang, sections: readonly string[]): string {
  return `<!doctype html>
<html lang="${lang === 'zh' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeXml(title)}</title>
<style>
${style}
</style>
</head>
<body>
<main>
${sections.join('\n')}
</main>
</body>
</html>
`
}

/** A table of plain texts; the first cell of a row names it. */
export function htmlTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (name: string, scope: string) => (text: string) => `<${name}${scope}>${escapeXml(text)}</${name}>`
  const [column, row, data] = [cell('th', ' scope="col"'), cell('th', ' scope="row"'), cell('td', '')]
  const body = rows.map(([first = '', ...rest]) => `<tr>${row(first)}${rest.map(data).join('')}</tr>`)
  return `<table><thead><tr>${head.map(column).join('')}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table>`
}
