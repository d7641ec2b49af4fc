// @ts-check
// Looks at the built site as a browser would: every link and anchor must be there, and nothing may come from elsewhere.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'

/** What a browser fetches without being asked; `a` is not among them. */
const fetched =
  /<(?:script|link|img|iframe|source|video|audio|object|embed)\b[^>]*?\s(?:src|href|srcset|data)="([^"]*)"/g
const external = /^(?:[a-z][a-z0-9+.-]*:)?\/\//i

/** @param {string} folder @param {string} extension @returns {string[]} relative, with forward slashes */
function filesOf(folder, extension) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith(extension) && statSync(path.join(folder, file)).isFile())
    .map(file => file.replaceAll(path.sep, '/'))
    .sort()
}

/** @param {string} text @returns {string} */
function unescaped(text) {
  return text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'")
}

/**
 * @param {string} folder the built site
 * @param {string} [base] path that it is built for
 * @returns {string[]} one line for each link that leads nowhere and each thing that is fetched from another host
 */
export function siteProblems(folder, base = '/') {
  const ids = /** @type {Map<string, Set<string>>} */ (new Map())
  const pages = filesOf(folder, '.html')
  const text = new Map(pages.map(page => [page, readFileSync(path.join(folder, page), 'utf8')]))
  for (const [page, html] of text)
    ids.set(page, new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id = '']) => unescaped(id))))

  const problems = []
  for (const [page, html] of text) {
    for (const [, target = ''] of html.matchAll(fetched))
      if (external.test(target)) problems.push(`${page}: fetches ${target}`)
    for (const [, href = ''] of html.matchAll(/<a\b[^>]*?\shref="([^"]*)"/g)) {
      const why = deadLink(folder, base, page, unescaped(href), ids)
      if (why) problems.push(`${page}: ${href}: ${why}`)
    }
  }
  for (const sheet of filesOf(folder, '.css')) {
    const css = readFileSync(path.join(folder, sheet), 'utf8')
    for (const [, target = ''] of css.matchAll(/(?:url\(|@import\s+)\s*["']?([^"')\s]+)/g))
      if (external.test(target)) problems.push(`${sheet}: fetches ${target}`)
  }
  return [...new Set(problems)]
}

/**
 * @param {string} folder
 * @param {string} base
 * @param {string} page
 * @param {string} href
 * @param {Map<string, Set<string>>} ids
 */
function deadLink(folder, base, page, href, ids) {
  if (/^[a-z][a-z0-9+.-]*:/i.test(href) || external.test(href)) return undefined
  const [target = '', anchor = ''] = href.split('#').map(decodeURIComponent)
  if (target.startsWith('/') && !target.startsWith(base)) return 'lies outside of the site'
  let file = target === '' ? page : path.posix.join(path.posix.dirname(page), target)
  if (target.startsWith('/')) file = target.slice(base.length)
  if (file === '' || file === '.' || file.endsWith('/')) file = path.posix.join(file, 'index.html')
  if (!existsSync(path.join(folder, file))) return 'is not there'
  return anchor === '' || !ids.has(file) || ids.get(file)?.has(anchor) ? undefined : 'has no such anchor'
}
