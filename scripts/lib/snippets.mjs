// @ts-check

/**
 * @typedef {object} Snippet
 * @property {number} line of the opening fence, from 1
 * @property {string} code padded with empty lines, so that its line numbers are those of the document
 * @property {boolean} run
 */

/**
 * The TypeScript blocks of a Markdown document. `ts run` and `ts no-run` override what the document does by default.
 * @param {string} markdown
 * @param {boolean} runByDefault
 * @returns {Snippet[]}
 */
export function snippetsOf(markdown, runByDefault) {
  const lines = markdown.split('\n')
  const found = /** @type {Snippet[]} */ ([])
  for (let i = 0; i < lines.length; i++) {
    const fence = /^(`{3,})\s*(\S*)\s*(.*?)\s*$/.exec(lines[i] ?? '')
    if (!fence) continue
    const [, ticks = '', language, flags = ''] = fence
    let end = i + 1
    while (end < lines.length && !(lines[end] ?? '').startsWith(ticks)) end++
    if (language === 'ts') {
      const unknown = flags.split(/\s+/).filter(flag => !['', 'run', 'no-run'].includes(flag))
      if (unknown.length > 0) throw new Error(`line ${i + 1}: unknown flag ${unknown.join(' ')}: use run or no-run`)
      const run = flags.includes('no-run') ? false : runByDefault || flags.includes('run')
      found.push({ line: i + 1, code: '\n'.repeat(i + 1) + lines.slice(i + 1, end).join('\n') + '\n', run })
    }
    i = end
  }
  return found
}
