// @ts-check
// Gathers the pages of the site from all over the project into one folder, where VitePress finds them.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { guides, packages } from '../../docs/.vitepress/contents.mjs'
import { llmsFull, llmsIndex } from './llms.mjs'
import { pageOf, publicOf, sitePage, titleOf, withTables } from './site-pages.mjs'
import { projectFiles, root } from './workspace.mjs'

const read = (/** @type {string} */ file) => readFileSync(path.join(root, file), 'utf8')

/** @returns {string[]} the Markdown files that become pages */
export function pageFiles() {
  const files = projectFiles(['docs/*.md', '*/README.md', 'CONTRIBUTING.md', 'SECURITY.md'])
  return files.filter(file => pageOf(file) !== undefined && file !== 'README.md' && !file.startsWith('.'))
}

/**
 * @param {string} folder for the pages; what was gathered before is overwritten
 * @returns {string[]} one line for each link to what is not there
 */
export function gatherSite(folder) {
  const problems = /** @type {string[]} */ ([])
  const linked = new Map([['LICENSE', 'the site']])
  const write = (/** @type {string} */ page, /** @type {string} */ text) => {
    mkdirSync(path.dirname(path.join(folder, page)), { recursive: true })
    writeFileSync(path.join(folder, page), text)
  }
  const texts = /** @type {Map<string, string>} */ (new Map())
  for (const file of pageFiles()) {
    const markdown = withTables(file, file === 'apps/examples/README.md' ? withPrograms(read(file)) : read(file), read)
    texts.set(
      pageOf(file) ?? '',
      sitePage(file, markdown, to => linked.set(to, file)),
    )
  }
  for (const [page, text] of texts) write(page, text)
  for (const [to, from] of linked) {
    const source = path.join(root, to)
    if (!existsSync(source) || statSync(source).isDirectory()) problems.push(`${from}: ${to} is no file`)
    else cpSync(source, path.join(folder, 'public', publicOf(to)), { recursive: true })
  }
  const pages = llmsPages(texts)
  write('public/llms.txt', llmsIndex(pages))
  write('public/llms-full.txt', llmsFull(pages))
  for (const { page, text } of pages) write(`public/${page}`, text)
  return problems
}

/** @param {string} folder with all pages, the reference included: those without a Chinese one get a page that says so */
export function writeStubs(folder) {
  for (const page of readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(p => p.replaceAll(path.sep, '/'))) {
    if (!page.endsWith('.md') || page.startsWith('zh/') || page.startsWith('public/')) continue
    const stub = path.join(folder, 'zh', page)
    if (existsSync(stub)) continue
    mkdirSync(path.dirname(stub), { recursive: true })
    const title = titleOf(readFileSync(path.join(folder, page), 'utf8'))
    const text = `# ${title}\n\n这一页只有英文：[${title}](/${page})。\n`
    writeFileSync(stub, `---\nsearch: false\nprev: false\nnext: false\n---\n${text}`)
  }
}

/** @param {string} readme of the examples @returns {string} with the programs themselves */
function withPrograms(readme) {
  const programs = readdirSync(path.join(root, 'apps/examples')).filter(f => f.endsWith('.ts'))
  const blocks = programs.map(f => `## ${f}\n\n\`\`\`ts\n${read(`apps/examples/${f}`).trim()}\n\`\`\`\n`)
  return `${readme}\n${blocks.join('\n')}`
}

/** @param {ReadonlyMap<string, string>} texts by page @returns {import('./llms.mjs').LlmsPage[]} guides and packages */
function llmsPages(texts) {
  const wanted = [
    ...guides.flatMap(({ en: section, guides: list }) => list.map(({ page }) => ({ section, page: `${page}.md` }))),
    ...packages.map(name => ({ section: 'Packages', page: `packages/${name}.md` })),
  ]
  return wanted.flatMap(({ section, page }) => {
    const text = texts.get(page)
    return text === undefined ? [] : [{ section, title: titleOf(text), page, text }]
  })
}
