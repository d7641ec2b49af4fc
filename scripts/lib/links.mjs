// @ts-check
// Links between the Markdown files of the project: the file and the heading they name must exist.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** The anchor that a heading gets: lower case, punctuation dropped, spaces to hyphens. @param {string} heading */
export function anchorOf(heading) {
  return heading
    .replace(/`/g, '')
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .replaceAll(' ', '-')
}

/** @param {string} markdown @returns {string} without fenced blocks and inline code */
function prose(markdown) {
  return markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, '')
}

/** @param {string} markdown @returns {Set<string>} */
function anchors(markdown) {
  const headings = markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').matchAll(/^#{1,6}\s+(.+)$/gm)
  const found = /** @type {Set<string>} */ (new Set())
  for (const [, heading = ''] of headings) {
    const anchor = anchorOf(heading)
    let name = anchor
    for (let i = 1; found.has(name); i++) name = `${anchor}-${i}`
    found.add(name)
  }
  return found
}

/**
 * @param {string} base
 * @param {string[]} files Markdown files, relative to base
 * @returns {string[]} one line for each link that leads nowhere; links to the network are not followed
 */
export function brokenLinks(base, files) {
  return files.flatMap(file => {
    const text = readFileSync(path.join(base, file), 'utf8')
    const links = [...prose(text).matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)].map(([, target = '']) => target)
    return links.flatMap(target => {
      if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return []
      const [relative = '', anchor] = decodeURIComponent(target).split('#')
      const found = relative === '' ? file : path.join(path.dirname(file), relative)
      if (!existsSync(path.join(base, found))) return [`${file}: ${target} does not exist`]
      if (!anchor || !found.endsWith('.md')) return []
      const there = anchors(readFileSync(path.join(base, found), 'utf8'))
      return there.has(anchor) ? [] : [`${file}: ${target}: no such heading`]
    })
  })
}
