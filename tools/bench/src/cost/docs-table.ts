import { memoryTables } from './table.js'

/** The page with its tables made anew, between `<!-- chat -->` and `<!-- /chat -->`, and so for paint. */
export function withTables(page: string): string {
  return Object.entries(memoryTables()).reduce((text, [name, table]) => {
    const between = new RegExp(`(<!-- ${name} -->\\n)[^]*?(<!-- /${name} -->)`)
    if (!between.test(text)) throw new Error(`the page has no place for the table ${name}`)
    return text.replace(between, (_, before: string, after: string) => `${before}\n${table}\n\n${after}`)
  }, page)
}
