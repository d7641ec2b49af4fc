// @ts-check
// The reference of every package and entry point, as Markdown pages from the sources.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Application, LogLevel } from 'typedoc'
import { root, workspacePackages } from './workspace.mjs'

/**
 * Named by what is exported, and read in the source, not in the reference: a network's fields are the checkpoint's keys.
 */
const innerParts = /** @type {Record<string, string[]>} */ ({
  '@viscpm/core': ['BertEmbeddings', 'BertLayer', 'CLIPEncoderLayer', 'CLIPVisionEmbeddings'],
  '@viscpm/cpm-bee': ['Encoder', 'EmbeddingExt', 'BucketPositionBias'],
  '@viscpm/cli': ['BilingualHost'],
  '@viscpm/eval': ['BasicConv2d', 'InceptionA', 'InceptionB', 'InceptionC', 'InceptionD', 'InceptionE'],
  '@viscpm/qformer': ['BEiT3'],
  '@viscpm/safety': ['PooledBertModel'],
  // Inside of a queue and an engine: made by them, never given.
  '@viscpm/server': ['HostedModel', 'JobHome', 'JobStore', 'Pump'],
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

const validation = { invalidLink: true, invalidPath: true, notExported: true, rewrittenLink: true }

/** One page for each thing that can be imported; `{#anchors}` are written out, as the site's headings read them. */
const markdown = /** @type {import('typedoc').TypeDocOptions} */ ({
  plugin: ['typedoc-plugin-markdown'],
  outputFileStrategy: 'modules',
  flattenOutputFiles: true,
  entryFileName: 'index.md',
  hideBreadcrumbs: true,
  hidePageHeader: true,
  hidePageTitle: true,
  useCodeBlocks: true,
  interfacePropertiesFormat: 'table',
  classPropertiesFormat: 'table',
  typeAliasPropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  expandParameters: true,
  parametersFormat: 'table',
  useCustomAnchors: true,
  sanitizeComments: true,
})

/**
 * @typedef {object} Entry
 * @property {string} specifier what a program imports
 * @property {string} source relative to the package
 * @property {string} page name of its page, without extension: core, core-graph
 */

/**
 * @typedef {object} DocumentedPackage
 * @property {string} name
 * @property {string} dir
 * @property {string} description
 * @property {Entry[]} entries
 */

/** @returns {DocumentedPackage[]} the packages that programs import from */
export function documentedPackages() {
  return workspacePackages().flatMap(({ name, dir, manifest }) => {
    const entries = Object.entries(manifest.exports ?? {}).flatMap(([subpath, target]) => {
      const source = typeof target === 'object' && target['@viscpm/source']
      if (!source) return []
      const specifier = name + subpath.slice(1)
      return [{ specifier, source, page: specifier.replace('@viscpm/', '').replaceAll('/', '-') }]
    })
    return manifest.private || entries.length === 0
      ? []
      : [{ name, dir, description: manifest.description ?? '', entries }]
  })
}

/**
 * Writes the reference. TypeDoc prints its warnings itself.
 * @param {string} folder for the pages
 * @returns {Promise<string[]>} one line for each package with warnings: a name or link that the reference lacks
 */
export async function writeReference(folder) {
  const work = mkdtempSync(path.join(tmpdir(), 'viscpm-docs-'))
  const problems = /** @type {string[]} */ ([])
  const note = (/** @type {Application} */ app, /** @type {string} */ name) => {
    const { errorCount, warningCount } = app.logger
    if (errorCount + warningCount > 0) problems.push(`${name}: ${errorCount} errors and ${warningCount} warnings above`)
  }
  try {
    const json = []
    for (const { name, dir, entries } of documentedPackages()) {
      const app = await Application.bootstrapWithPlugins({
        name,
        entryPoints: entries.map(e => path.join(root, dir, e.source)),
        tsconfig: path.join(root, 'tsconfig.json'),
        basePath: path.join(root, dir),
        readme: 'none', // it is a guide of the site
        intentionallyNotExported: innerParts[name] ?? [],
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
      if (!project) throw new Error(`${name} cannot be documented`)
      // A module is called what a program imports it by, not where its source lies.
      for (const module of entries.length > 1 ? (project.children ?? []) : []) {
        const entry = entries.find(e => e.source === `./${module.name}/index.ts` || e.source === `./${module.name}.ts`)
        if (entry) module.name = entry.specifier
      }
      app.validate(project)
      const target = path.join(work, `${dir.replace('/', '-')}.json`)
      await app.generateJson(project, target)
      note(app, name)
      json.push(target)
    }
    const site = await Application.bootstrapWithPlugins({
      name: 'viscpm',
      entryPointStrategy: 'merge',
      entryPoints: json,
      readme: 'none',
      disableGit: true,
      disableSources: true,
      validation,
      logLevel: LogLevel.Warn,
      ...markdown,
      cleanOutputDir: false, // what TypeDoc cleans by default is docs/ itself
      outputs: [{ name: 'markdown', path: path.join(work, 'pages') }],
    })
    const project = await site.convert()
    if (!project) throw new Error('the packages cannot be merged')
    site.validate(project)
    await site.generateOutputs(project)
    note(site, 'reference')
    writePages(path.join(work, 'pages'), folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return problems
}

/**
 * Gives the pages short names, a title each, and an index of ours.
 * @param {string} from folder with what TypeDoc wrote
 * @param {string} to
 */
function writePages(from, to) {
  mkdirSync(to, { recursive: true })
  const packages = documentedPackages()
  const names = new Map(packages.flatMap(p => p.entries.map(e => [typedocPage(p, e), e.page])))
  for (const p of packages) {
    for (const entry of p.entries) {
      const text = readFileSync(path.join(from, `${typedocPage(p, entry)}.md`), 'utf8')
      writeFileSync(path.join(to, `${entry.page}.md`), referencePage(p, entry, text, names))
    }
  }
  const rows = packages.flatMap(p => p.entries.map(e => `| [${e.specifier}](${e.page}.md) | ${p.description} |`))
  const index = ['# API reference', '', 'Made from the sources. One page for each thing that a program can import.', '']
  writeFileSync(path.join(to, 'index.md'), [...index, '| import | package |', '| --- | --- |', ...rows, ''].join('\n'))
}

/** @param {DocumentedPackage} p @param {Entry} entry */
function typedocPage(p, entry) {
  const dotted = (/** @type {string} */ name) => name.replaceAll('/', '.')
  return p.entries.length > 1 ? `${dotted(p.name)}.${dotted(entry.specifier)}` : dotted(p.name)
}

/**
 * @param {DocumentedPackage} p
 * @param {Entry} entry
 * @param {string} text
 * @param {Map<string, string>} names of pages, TypeDoc's to ours
 */
function referencePage(p, entry, text, names) {
  const body = text
    .replace(/<a id="type-parameter-[^"]*"><\/a> /g, '') // many of one name, and nothing points there
    .replace(/\]\((@viscpm[^)#]*)\.md/g, (link, name) => (names.has(name) ? `](${names.get(name)}.md` : link))
  const about = `\`import { ... } from '${entry.specifier}'\`: [what the package is for](../packages/${path.basename(p.dir)}.md).`
  return ['---', 'outline: [2, 3]', 'editLink: false', '---', `# ${entry.specifier} {#top}`, '', about, '', body].join(
    '\n',
  )
}
