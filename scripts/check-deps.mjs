// @ts-check
// Dependencies point one way (core <- model packages <- chat <- apps and tools), and code that does maths stays free of
// Node and of native modules. The rules are in lib/dependencies.mjs.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { declarationProblems, importProblem } from './lib/dependencies.mjs'
import { projectFiles, report, root, workspacePackages } from './lib/workspace.mjs'

const packages = workspacePackages()
const problems = packages.flatMap(p => declarationProblems(p).map(problem => `${p.dir}/package.json ${problem}`))

const files = projectFiles(['packages/*.ts', 'apps/*.ts', 'apps/*.tsx', 'tools/*.ts'])
for (const file of files) {
  const owner = packages.find(p => file.startsWith(`${p.dir}/`))
  if (owner === undefined) continue
  const { importedFiles } = ts.preProcessFile(readFileSync(path.join(root, file), 'utf8'), true, true)
  for (const { fileName } of importedFiles) {
    const problem = importProblem(owner, file.slice(owner.dir.length + 1), fileName, packages)
    if (problem) problems.push(`${file} ${problem}`)
  }
}
report('check:deps', problems, `${files.length} files in ${packages.length} packages`)
