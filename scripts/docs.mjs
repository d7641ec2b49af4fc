// @ts-check
// Builds the site docs/.vitepress/dist: the guides in both languages, the packages' pages and the reference, from the
// sources. A link that leads nowhere, a name that the reference lacks, or a thing from another host is a failure.
// `--dev` serves the guides and follows their changes; the reference is then that of the last build.
import { cpSync, existsSync, mkdirSync, rmSync, watch } from 'node:fs'
import path from 'node:path'
import { build, createServer } from 'vitepress'
import { writeReference } from './lib/api-reference.mjs'
import { gatherSite, pageFiles, writeStubs } from './lib/gather-site.mjs'
import { brokenLinks } from './lib/links.mjs'
import { siteProblems } from './lib/site-check.mjs'
import { projectFiles, report, root } from './lib/workspace.mjs'

const docs = path.join(root, 'docs')
const pages = path.join(docs, '.work/site')
const kept = path.join(docs, '.work/api') // the reference, for --dev
const dist = path.join(docs, '.vitepress/dist')

if (process.argv.includes('--dev')) await serve()
else await buildSite()

async function buildSite() {
  for (const folder of [pages, kept, dist]) rmSync(folder, { recursive: true, force: true })
  const problems = await writeReference(kept)
  problems.push(...brokenLinks(root, projectFiles(['*.md'])), ...gather())
  try {
    await build(docs)
    problems.push(...siteProblems(dist, process.env.VISCPM_DOCS_BASE ?? '/'))
  } catch (error) {
    problems.push(`the site cannot be built: ${error instanceof Error ? error.message : error}`)
  }
  report('docs', problems, 'docs/.vitepress/dist/index.html')
}

async function serve() {
  rmSync(pages, { recursive: true, force: true })
  report('docs', gather())
  const server = await createServer(docs, { host: '127.0.0.1' })
  await server.listen()
  console.log(server.resolvedUrls?.local[0])
  // Some editors tell of one change several times, or in the middle of it.
  let again = /** @type {NodeJS.Timeout | undefined} */ (undefined)
  for (const folder of new Set(pageFiles().map(file => path.join(root, path.dirname(file)))))
    watch(folder, (_, file) => {
      if (!file?.endsWith('.md')) return
      clearTimeout(again)
      again = setTimeout(() => report('docs', gather()), 100)
    })
}

/** @returns {string[]} problems */
function gather() {
  mkdirSync(pages, { recursive: true })
  if (existsSync(kept)) cpSync(kept, path.join(pages, 'api'), { recursive: true })
  const problems = gatherSite(pages)
  writeStubs(pages)
  return problems
}
