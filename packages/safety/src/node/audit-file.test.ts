import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { strictSafety } from '../index.js'
import { auditFile } from './index.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viscpm-audit-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

it('appends a line of JSON for every decision, in order, and keeps what is there', async () => {
  const file = join(folder, 'audit.jsonl')
  for (let run = 0; run < 2; run++) {
    const safety = strictSafety({ audit: auditFile(file) })
    await Promise.all(Array.from({ length: 20 }, (_, i) => safety.checkText('prompt', i % 2 ? 'a cat' : 'porn')))
  }
  const text = await readFile(file, 'utf8')
  const lines = text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(lines).toHaveLength(40)
  expect(lines.filter(line => line.action === 'block')).toHaveLength(20)
  expect(text).not.toMatch(/porn|a cat/)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})

it('stops the decision when it cannot be written, and works again when it can', async () => {
  const safety = strictSafety({ audit: auditFile(join(folder, 'no', 'audit.jsonl')) })
  await expect(safety.checkText('prompt', 'a cat')).rejects.toMatchObject({ code: 'WRITE_FAILED' })
  await mkdir(join(folder, 'no'))
  await expect(safety.checkText('prompt', 'a cat')).resolves.toMatchObject({ action: 'allow' })
})
