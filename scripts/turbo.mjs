// @ts-check
// Runs turbo with its telemetry and update notices off: building this project talks to nobody.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { root } from './lib/workspace.mjs'

const turbo = path.join(path.dirname(createRequire(import.meta.url).resolve('turbo/package.json')), 'bin/turbo')
const { status } = spawnSync(process.execPath, [turbo, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
})
process.exitCode = status ?? 1
