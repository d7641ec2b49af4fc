// Module hooks with which a bare worker or process can load this workspace's TypeScript sources: development only.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true }

export async function resolve(specifier, context, next) {
  const conditions = [...new Set([...context.conditions, '@viscpm/source'])]
  // Sources name each other by the suffix they will have when built.
  if (/^[./].*\.js$/.test(specifier) && context.parentURL?.endsWith('.ts'))
    return next(specifier.replace(/\.js$/, '.ts'), { ...context, conditions })
  return next(specifier, { ...context, conditions })
}

export async function load(url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context)
  const source = await readFile(fileURLToPath(url), 'utf8')
  return {
    format: 'module',
    shortCircuit: true,
    source: ts.transpileModule(source, { compilerOptions: options }).outputText,
  }
}
