// @ts-check
// Builds the site docs/api: the guides and the reference of every package, from the sources. Any warning is a failure:
// a link that leads nowhere, a name that the reference lacks.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Application, LogLevel } from 'typedoc'
import { brokenLinks } from './lib/links.mjs'
import { projectFiles, report, root, workspacePackages } from './lib/workspace.mjs'

/** A network's fields are the checkpoint's keys: their classes are read in the source, not in the reference. */
const networkParts = /** @type {Record<string, string[]>} */ ({
  '@viscpm/core': ['BertEmbeddings', 'BertLayer', 'CLIPEncoderLayer', 'CLIPVisionEmbeddings'],
  '@viscpm/cpm-bee': ['Encoder', 'EmbeddingExt', 'BucketPositionBias'],
  '@viscpm/qformer': ['BEiT3'],
  '@viscpm/safety': ['PooledBertModel'],
  '@viscpm/unet-sampler': [
    'Decoder',
    'DownBlock2D',
    'Encoder',
    'MidBlock2D',
    'TimestepEmbedding',
    'Timesteps',
    'UpBlock2D',
  ],
})

const work = mkdtempSync(path.join(tmpdir(), 'viscpm-docs-'))
const problems = /** @type {string[]} */ ([])
const validation = { invalidLink: true, invalidPath: true, notExported: true, rewrittenLink: true }

try {
  const json = []
  for (const p of workspacePackages()) {
    const entries = Object.entries(p.manifest.exports ?? {}).flatMap(([subpath, target]) => {
      const source = typeof target === 'object' && target['@viscpm/source']
      return source ? [{ specifier: p.name + subpath.slice(1), source }] : []
    })
    if (p.manifest.private || entries.length === 0) continue
    const readme = path.join(root, p.dir, 'README.md')
    const app = await Application.bootstrapWithPlugins({
      name: p.name,
      entryPoints: entries.map(e => path.join(root, p.dir, e.source)),
      tsconfig: path.join(root, 'tsconfig.json'),
      basePath: path.join(root, p.dir),
      readme: existsSync(readme) ? readme : 'none',
      intentionallyNotExported: networkParts[p.name] ?? [],
      excludePrivate: true,
      excludeInternal: true,
      skipErrorChecking: true, // the type check is a step of its own
      disableGit: true,
      sourceLinkTemplate: '',
      disableSources: true,
      validation,
      logLevel: LogLevel.Warn,
    })
    const project = await app.convert()
    if (!project) throw new Error(`${p.name} cannot be documented`)
    // A module is called what a program imports it by, not where its source lies.
    for (const module of entries.length > 1 ? (project.children ?? []) : []) {
      const entry = entries.find(e => e.source === `./${module.name}/index.ts` || e.source === `./${module.name}.ts`)
      if (entry) module.name = entry.specifier
    }
    app.validate(project)
    const target = path.join(work, `${p.dir.replace('/', '-')}.json`)
    await app.generateJson(project, target)
    count(app, p.name)
    json.push(target)
  }
  const guides = readdirSync(path.join(root, 'docs')).filter(f => f.endsWith('.md'))
  const site = await Application.bootstrapWithPlugins({
    name: 'viscpm',
    entryPointStrategy: 'merge',
    entryPoints: json,
    projectDocuments: guides.map(f => path.join(root, 'docs', f)),
    readme: path.join(root, 'README.md'),
    disableGit: true,
    validation,
    logLevel: LogLevel.Warn,
  })
  const project = await site.convert()
  if (!project) throw new Error('the packages cannot be merged')
  site.validate(project)
  await site.generateDocs(project, path.join(root, 'docs/api'))
  count(site, 'site')
} finally {
  rmSync(work, { recursive: true, force: true })
}
problems.push(...brokenLinks(root, projectFiles(['*.md'])))
report('docs', problems, 'docs/api/index.html')

/** @param {Application} app @param {string} name TypeDoc printed the warnings themselves already */
function count(app, name) {
  const { errorCount, warningCount } = app.logger
  if (errorCount + warningCount > 0) problems.push(`${name}: ${errorCount} errors and ${warningCount} warnings above`)
}
