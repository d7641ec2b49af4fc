// @ts-check
// Which file of the project becomes which page of the site, and how the links between them are to read there.
import path from 'node:path'
import { anchorOf } from './links.mjs'

/** What is written in Markdown outside of docs/ and has a page. Keys are files, relative to the root. */
const elsewhere = /** @type {Record<string, string>} */ ({
  'CONTRIBUTING.md': 'contributing.md',
  'SECURITY.md': 'security.md',
  'apps/examples/README.md': 'examples.md',
})

/**
 * @param {string} file relative to the root, with forward slashes
 * @returns {string | undefined} its page, relative to the site; undefined: it has none
 */
export function pageOf(file) {
  if (elsewhere[file]) return elsewhere[file]
  if (file === 'README.md') return 'index.md'
  if (file.startsWith('docs/') && file.endsWith('.md')) return file.slice('docs/'.length)
  const readme = /^(packages|apps|tools)\/([^/]+)\/(?:(.+)\/)?README\.md$/.exec(file)
  if (!readme) return undefined
  const [, group, name = '', inside] = readme
  const page = [name, ...(inside?.split('/') ?? [])].join('-')
  return `${group === 'tools' ? 'tools' : 'packages'}/${page}.md`
}

/** @param {string} file that is linked to and has no page @returns {string} where it lies in the site */
export function publicOf(file) {
  return file.startsWith('docs/') ? file.slice('docs/'.length) : `files/${file === 'LICENSE' ? 'LICENSE.txt' : file}`
}

const fences = /^([ \t]*)(`{3,}|~{3,})[\s\S]*?^\1\2[ \t]*$/gm
const inline = /(`+)(?!`)[^\n]*?[^`\n]\1(?!`)/g

/**
 * @param {string} markdown
 * @param {(prose: string) => string} change
 * @returns {string} with all that is no code changed
 */
export function changeProse(markdown, change) {
  return outside(markdown, fences, text => outside(text, inline, change))
}

/** @param {string} text @param {RegExp} code @param {(prose: string) => string} change */
function outside(text, code, change) {
  let result = ''
  let at = 0
  for (const found of text.matchAll(code)) {
    result += change(text.slice(at, found.index)) + found[0]
    at = found.index + found[0].length
  }
  return result + change(text.slice(at))
}

/**
 * A page as the site builds it: links lead to pages, or to files that lie beside them.
 * @param {string} file relative to the root
 * @param {string} markdown
 * @param {(file: string) => void} [linked] told of each file that is linked to and has no page
 * @returns {string}
 */
export function sitePage(file, markdown, linked = () => {}) {
  const here = path.posix.dirname(pageOf(file) ?? '')
  return changeProse(markdown, prose =>
    prose
      // The site has a switch for languages.
      .replace(/^\[(?:English|中文)\]\([^)]*\)\n+/m, '')
      // A browser makes a space of a line's end, and Chinese has none.
      .replace(/([\u3000-\u9fff\uff00-\uffef])\n[ \t]*(?=[\u3000-\u9fff\uff00-\uffef])/g, '$1')
      .replace(/\]\((<?)([^)\s>]+)(>?(?:\s+"[^"]*")?)\)/g, (link, open, target, rest) => {
        if (/^([a-z][a-z0-9+.-]*:|#|\/)/i.test(target)) return link
        const [relative = '', anchor] = target.split('#')
        const to = path.posix.normalize(path.posix.join(path.posix.dirname(file), decodeURIComponent(relative)))
        const program = /^apps\/examples\/([^/]+\.ts)$/.exec(to)?.[1]
        if (program) return `](${open}${relativePath(here, 'examples.md')}#${anchorOf(program)}${rest})` // it stands there
        const page = pageOf(to)
        if (page === undefined) linked(to)
        const lies = page === undefined ? `/${publicOf(to)}` : relativePath(here, page)
        return `](${open}${lies}${anchor === undefined ? '' : `#${anchor}`}${rest})`
      })
      // Pictures of a given width are HTML.
      .replace(/(<img\s+src=")(?![a-z][a-z0-9+.-]*:|\/)([^"]+)/gi, (_, open, target) => {
        const to = path.posix.normalize(path.posix.join(path.posix.dirname(file), decodeURIComponent(target)))
        linked(to)
        return `${open}/${publicOf(to)}`
      })
      // Vue would take it for an expression.
      .replaceAll('{{', '&#123;&#123;'),
  )
}

/** @param {string} from folder @param {string} to */
function relativePath(from, to) {
  const relative = path.posix.relative(from, to)
  return relative.startsWith('.') ? relative : `./${relative}`
}

/**
 * Pages in Chinese take over tables that a command writes into the English one:
 * `<!-- table: ../memory.md chat -->` stands for what lies there between `<!-- chat -->` and `<!-- /chat -->`.
 * @param {string} file relative to the root
 * @param {string} markdown
 * @param {(file: string) => string} read by path from the root
 * @returns {string}
 */
export function withTables(file, markdown, read) {
  return markdown.replace(/^<!-- table: (\S+) (.+?) -->$/gm, (_, target, name) => {
    const from = path.posix.join(path.posix.dirname(file), target)
    const text = read(from)
    const begin = [`<!-- ${name} -->`, `<!-- ${name}: `].map(mark => text.indexOf(mark)).find(at => at >= 0) ?? -1
    const start = text.indexOf('-->', begin) + '-->'.length
    const end = [`<!-- /${name} -->`, `<!-- ${name}: end -->`, `<!-- end of the ${name} -->`]
      .map(mark => text.indexOf(mark, start))
      .find(at => at >= 0)
    if (begin < 0 || end === undefined) throw new Error(`${file}: ${from} has no <!-- ${name} -->`)
    return text.slice(start, end).trim()
  })
}

/** @param {string} markdown @returns {string} the first heading */
export function titleOf(markdown) {
  return (
    /^# (.+)$/m
      .exec(markdown.replace(fences, ''))?.[1]
      ?.replace(/\s*\{#.*/, '')
      .replaceAll('`', '') ?? ''
  )
}
