import { displayWidth, padTo } from './format.js'

/** Rows as lines, with columns as wide as what is in them. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(...rows.map(row => row.length))
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...rows.map(row => displayWidth(row[i] ?? ''))))
  return rows.map(row =>
    row
      .map((cell, i) => padTo(cell, widths[i]!))
      .join('  ')
      .trimEnd(),
  )
}

/** The same in Markdown; the first row is the head. */
export function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${head.map((_, i) => (cells[i] ?? '').replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line)]
}
