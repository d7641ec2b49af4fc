import { join, sep } from 'node:path'
import { describe, expect, it } from 'vitest'
import { calledAs } from './io.js'

const cwd = join(sep, 'home', 'me', 'repo')

describe('calledAs', () => {
  it.each([
    [join(cwd, 'apps', 'cli', 'dist', 'bin.js'), `node ${join('apps', 'cli', 'dist', 'bin.js')}`],
    [join(cwd, 'my apps', 'bin.js'), `node ${JSON.stringify(join('my apps', 'bin.js'))}`],
    [join(sep, 'opt', 'bin.js'), `node ${join(sep, 'opt', 'bin.js')}`],
    [join(sep, 'usr', 'bin', 'viscpm'), 'viscpm'],
    [join(sep, 'root', '.npm', '_npx', '1', 'node_modules', '.bin', 'viscpm'), 'npx @viscpm/cli'],
    [undefined, 'viscpm'],
  ])('%s', (script, command) => {
    expect(calledAs(script, cwd, {})).toBe(command)
  })

  it('a script of the workspace', () => {
    const script = join(cwd, 'apps', 'cli', 'dist', 'bin.js')
    expect(calledAs(script, cwd, { npm_package_name: 'viscpm-workspace' })).toBe('npx -y pnpm@12 viscpm')
  })
})
