// Module hooks with which a bare thread or process can load this workspace's TypeScript sources: development only.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

// The compiler takes seconds to load, so what it makes is kept.
const cache = new URL('../../node_modules/.cache/sources/', import.meta.url)

async function compile(source) {
  const kept = new URL(`${createHash('sha256').update(source).digest('hex')}.mjs`, cache)
  try {
    return await readFile(kept, 'utf8')
  } catch {}
  const { default: ts } = await import('typescript')
  const { outputText } = ts.transpileModule(source, {
    fileName: 'source.mts',
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true },
  })
  try {
    await mkdir(cache, { recursive: true })
    const part = new URL(`${kept}.${process.pid}.${Math.random()}.part`)
    await writeFile(part, outputText)
    await rename(part, kept)
  } catch {} // a folder that cannot be written only costs time
  return outputText
}

export async function resolve(specifier, context, next) {
  const conditions = [...new Set([...context.conditions, '@viscpm/source'])]
  // Sources name each other by the suffix they will have when built.
  const named = /^(\.|\/|file:).*\.js$/.test(specifier) && context.parentURL?.endsWith('.ts')
  const isSource = named && !existsSync(new URL(specifier, context.parentURL))
  return next(isSource ? specifier.replace(/\.js$/, '.ts') : specifier, { ...context, conditions })
}

export async function load(url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context)
  const source = await readFile(fileURLToPath(url), 'utf8')
  return { format: 'module', shortCircuit: true, source: await compile(source) }
}
