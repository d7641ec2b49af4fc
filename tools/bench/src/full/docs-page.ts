import { readFile, rename, writeFile } from 'node:fs/promises'

const latest = { begin: '<!-- full-size table -->', end: '<!-- end of the full-size table -->' }
const earlier = '<!-- earlier full-size tables, newest first -->'

/**
 * A page with `section` between its marks; what stood there goes to the beginning of the log of earlier tables, losses and all.
 * @throws Error when the page has no marks
 */
export function withSection(page: string, section: string): string {
  const [begin, end, log] = [latest.begin, latest.end, earlier].map(mark => page.indexOf(mark)) as [
    number,
    number,
    number,
  ]
  if (begin < 0 || end < begin || log < end)
    throw new Error(`the page needs these marks, in this order: ${latest.begin} ${latest.end} ${earlier}`)
  const before = page.slice(begin + latest.begin.length, end).trim()
  const kept = before === '' ? '' : `\n\n${before}`
  return [
    `${page.slice(0, begin)}${latest.begin}\n\n${section.trim()}\n\n`,
    `${page.slice(end, log)}${earlier}${kept}${page.slice(log + earlier.length)}`,
  ].join('')
}

/** @throws Error when the file is not there or has no marks */
export async function checkPage(file: string): Promise<void> {
  withSection(await readFile(file, 'utf8'), '')
}

/** Writes a section into a page, whole or not at all. */
export async function writeSection(file: string, section: string): Promise<void> {
  const page = withSection(await readFile(file, 'utf8'), section)
  await writeFile(`${file}.new`, page)
  await rename(`${file}.new`, file)
}
