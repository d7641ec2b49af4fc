import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { comparePeer } from './compare.js'

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    quick: { type: 'boolean', default: false },
    folder: { type: 'string' },
    tolerance: { type: 'string', default: '0.001' },
  },
})
const folder = values.folder ?? (await mkdtemp(join(tmpdir(), 'eval-parity-')))
try {
  if (values.folder === undefined) {
    const peer = fileURLToPath(new URL('../python/peer.py', import.meta.url))
    const args = [peer, folder, ...(values.quick ? ['--quick'] : [])]
    const { status } = spawnSync(values.python, args, { stdio: 'inherit' })
    if (status !== 0) throw new Error(`${values.python} ${peer} ended with ${status}: see above`)
  }
  const rows = await comparePeer(folder, text => console.error(text))
  const number = (value: number): string => value.toPrecision(8)
  console.log('| figure | peer | ours | relative difference |\n| --- | --- | --- | --- |')
  for (const { name, peer, ours, relative } of rows)
    console.log(`| ${name} | ${number(peer)} | ${number(ours)} | ${relative.toExponential(1)} |`)
  const worst = Math.max(...rows.map(({ relative }) => relative))
  console.log(`\nlargest relative difference: ${worst.toExponential(1)}`)
  if (!(worst <= Number(values.tolerance))) process.exitCode = 1
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
} finally {
  if (values.folder === undefined) await rm(folder, { recursive: true, force: true })
}
