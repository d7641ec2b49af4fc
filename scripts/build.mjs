// @ts-check
// Builds through turbo, which skips what has not changed. Quiet unless something fails; its telemetry and update notices
// are off: building this project talks to nobody. Arguments are turbo's (--filter, --force).
import { createRequire } from 'node:module'
import path from 'node:path'
import { run } from './lib/workspace.mjs'

const turbo = path.join(path.dirname(createRequire(import.meta.url).resolve('turbo/package.json')), 'bin/turbo')
const started = Date.now()
process.stderr.write('Building ... ')
const { ok, output } = run(process.execPath, [turbo, 'run', 'build', ...process.argv.slice(2)], {
  env: { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
})
process.stderr.write(`${ok ? 'done' : 'failed'} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`)
if (!ok) {
  process.stderr.write(output)
  process.exitCode = 1
}
