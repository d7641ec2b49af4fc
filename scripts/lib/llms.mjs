// @ts-check
// llms.txt (https://llmstxt.org): what the site holds, for programs that read; llms-full.txt has all of it in one file.

/**
 * @typedef {object} LlmsPage
 * @property {string} section
 * @property {string} title
 * @property {string} page with extension, relative to the site
 * @property {string} text its Markdown
 */

const about = `# VisCPM in TypeScript

> The bilingual (Chinese, English) multimodal model VisCPM rebuilt in TypeScript for Node.js 20 and newer: questions about
> pictures, pictures from words, from the original's checkpoints or a small embedded model, on one's own machine.
`

/** @param {readonly LlmsPage[]} pages @returns {string} */
export function llmsIndex(pages) {
  const sections = [...new Set(pages.map(p => p.section))]
  const lists = sections.map(section => {
    const lines = pages.filter(p => p.section === section).map(p => `- [${p.title}](${p.page})${summaryOf(p.text)}`)
    return `## ${section}\n\n${lines.join('\n')}\n`
  })
  return `${about}\n${lists.join('\n')}`
}

/** @param {readonly LlmsPage[]} pages @returns {string} */
export function llmsFull(pages) {
  return `${about}\n${pages.map(p => `---\n\nSource: ${p.page}\n\n${p.text.trim()}\n`).join('\n')}`
}

/** @param {string} markdown @returns {string} the first sentence of its first paragraph, after a colon */
function summaryOf(markdown) {
  const paragraphs = markdown.split(/\n\s*\n/).map(p => p.trim())
  const first = paragraphs.find(p => p !== '' && !/^(#|\||```|<|-|\[[^\]]*\]\([^)]*\)$|---)/.test(p))
  const plain =
    first
      ?.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll('**', '')
      .replace(/\s+/g, ' ') ?? ''
  const sentence = /^.*?[.。](?=\s|$)/.exec(plain)?.[0] ?? plain
  return sentence === '' ? '' : `: ${sentence.replace(/[:：]$/, '.')}`
}
