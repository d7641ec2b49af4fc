import { describe, expect, it } from 'vitest'
import { declarationProblems, importProblem } from './dependencies.mjs'
import type { WorkspacePackage } from './workspace.mjs'

function pkg(dir: string, dependencies: string[] = [], devDependencies: string[] = []): WorkspacePackage {
  const versions = (names: string[]) => Object.fromEntries(names.map(n => [n, 'workspace:^']))
  const name = `@viscpm/${dir.split('/')[1]}`
  const exports = { '.': './dist/index.js', './node': './dist/node/index.js', './model/*': './model/*' }
  const manifest = { name, version: '0.0.0', exports }
  return {
    dir,
    name,
    manifest: { ...manifest, dependencies: versions(dependencies), devDependencies: versions(devDependencies) },
  }
}

const core = pkg('packages/core')
const tiny = pkg('packages/tiny')
const tokenizer = pkg('packages/tokenizer', ['@viscpm/core'])
const chat = pkg('packages/chat', ['@viscpm/core'], ['@viscpm/tiny'])
const cli = pkg('apps/cli', ['@viscpm/core'])
const all = [core, tiny, tokenizer, chat, cli]

describe('importProblem', () => {
  const cases: [string, WorkspacePackage, string, string, RegExp | undefined][] = [
    ['a lower package', tokenizer, 'src/a.ts', '@viscpm/core', undefined],
    ['a lower package that is not declared', chat, 'src/a.ts', '@viscpm/tokenizer', /does not declare/],
    ['a development dependency in a test', chat, 'src/a.test.ts', '@viscpm/tiny/model/card.json', undefined],
    ['a development dependency in shipped code', chat, 'src/a.ts', '@viscpm/tiny/model/card.json', /does not declare/],
    ["a sibling's internals by name", chat, 'src/a.ts', '@viscpm/core/src/errors.js', /does not export/],
    ["a sibling's internals by path", chat, 'src/a.ts', '../../core/src/errors.js', /out of its package/],
    ['a file beside it', chat, 'src/deep/a.ts', '../b.js', undefined],
    ['Node in code that must run anywhere', tokenizer, 'src/a.ts', 'node:fs', /may use Node/],
    ['Node without its prefix', tokenizer, 'src/a.ts', 'fs', /may use Node/],
    ['Node in a Node folder', chat, 'src/node/a.ts', 'node:fs', undefined],
    ['Node in a host', core, 'src/host/a.ts', 'node:worker_threads', undefined],
    ['Node in a folder named host elsewhere', chat, 'src/host/a.ts', 'node:worker_threads', /may use Node/],
    ['Node in a test', tokenizer, 'src/a.test.ts', 'node:fs', undefined],
    ['Node in an app', cli, 'src/a.ts', 'node:fs', undefined],
    ['Node through a neighbour', core, 'src/a.ts', './node/files.js', /may use Node/],
    ['Node through a sibling', chat, 'src/a.ts', '@viscpm/core/node', /may use Node/],
    ['a native module', core, 'src/session/a.ts', 'onnxruntime-node', /native modules/],
    ['a native module in its place', core, 'src/node/a.ts', 'sharp', undefined],
    ['the web runtime in its place', core, 'src/web/a.ts', 'onnxruntime-web', undefined],
    ['types that the runtimes share', core, 'src/session/a.ts', 'onnxruntime-common', undefined],
    ['Node in a helper of tests', tokenizer, 'src/fixtures/load.ts', 'node:fs', undefined],
    ['the web runtime elsewhere', core, 'src/a.ts', 'onnxruntime-web/wasm', /native modules/],
  ]
  it.each(cases)('%s', (_, from, file, specifier, problem) => {
    const found = importProblem(from, file, specifier, all)
    if (problem) expect(found).toMatch(problem)
    else expect(found).toBeUndefined()
  })
})

describe('declarationProblems', () => {
  it('accepts what points down', () => {
    expect([core, tiny, tokenizer, chat, cli].flatMap(declarationProblems)).toEqual([])
    expect(declarationProblems(pkg('packages/cpm-bee', ['@viscpm/tokenizer']))).toEqual([])
    expect(declarationProblems(pkg('packages/chat', ['@viscpm/tiny']))).toEqual([])
  })
  it('refuses what points up or sideways, and packages without a layer', () => {
    expect(declarationProblems(pkg('packages/core', ['@viscpm/tokenizer']))).toHaveLength(1)
    expect(declarationProblems(pkg('packages/tokenizer', ['@viscpm/cpm-bee']))).toHaveLength(1)
    expect(declarationProblems(pkg('packages/qformer', [], ['@viscpm/chat']))).toHaveLength(1)
    expect(declarationProblems(pkg('packages/qformer', ['@viscpm/tiny']))).toHaveLength(1)
    expect(declarationProblems(pkg('packages/unheard-of'))).toEqual([expect.stringContaining('no layer')])
  })
})
