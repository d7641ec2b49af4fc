// @ts-check
// Whether a translated page still holds what the original holds: its code blocks, but for comments and texts in them.

/**
 * @typedef {object} Block
 * @property {string} language with its flags
 * @property {string} code
 * @property {number} line of the opening fence, from 1
 */

/** @param {string} markdown @returns {Block[]} those of a language; drawings and the like are for people */
function blocksOf(markdown) {
  const lines = markdown.split('\n')
  const found = /** @type {Block[]} */ ([])
  for (let i = 0; i < lines.length; i++) {
    const fence = /^\s*(`{3,})\s*(.*?)\s*$/.exec(lines[i] ?? '')
    if (!fence) continue
    const [, ticks = '', language = ''] = fence
    const start = i++
    while (i < lines.length && !(lines[i] ?? '').trim().startsWith(ticks)) i++
    if (language !== '') found.push({ language, code: lines.slice(start + 1, i).join('\n'), line: start + 1 })
  }
  return found
}

/** @param {Block} block @returns {string} what does not depend on the reader's language */
function bare({ language, code }) {
  const uncommented = /^[tj]sx?\b/.test(language)
    ? code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '')
    : code.replace(/(^|\s)#.*$/gm, '')
  return uncommented
    .replace(/"[^"\n]*"|'[^'\n]*'|<[^<>\n]*>/g, text => text[0] ?? '')
    .replace(/[\u3000-\u9fff\uff00-\uffef]+/g, '')
    .replace(/\s+/g, ' ')
    .trim()
}

/**
 * @param {string} original
 * @param {string} translation
 * @returns {string[]} one line for each block that is missing, or not the same any more
 */
export function translationProblems(original, translation) {
  const [ours, theirs] = [blocksOf(translation), blocksOf(original)]
  if (ours.length !== theirs.length) return [`has ${ours.length} code blocks, the original ${theirs.length}`]
  return ours.flatMap((block, i) => {
    const other = /** @type {Block} */ (theirs[i])
    const same = block.language === other.language && bare(block) === bare(other)
    return same ? [] : [`line ${block.line}: is not the code of the original's line ${other.line}`]
  })
}
