const begin = '<!-- safety-eval: what follows is written by `pnpm safety-eval --docs docs/safety.md` -->'
const end = '<!-- safety-eval: end -->'

/** A document with the measured part replaced. @throws Error when the marks are not there */
export function withMeasured(document: string, measured: string): string {
  const [from, to] = [document.indexOf(begin), document.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`no place for the tables: the lines\n${begin}\n${end}\nare missing`)
  return `${document.slice(0, from + begin.length)}\n\n${measured.trim()}\n\n${document.slice(to)}`
}
