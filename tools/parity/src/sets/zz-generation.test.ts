import { test } from 'vitest'
import { runGeneration } from './generation.js'

test('x', async () => {
  const t = Date.now()
  const r = await runGeneration('/work/shared/goldens')
  console.log(JSON.stringify(r, null, 1), Date.now() - t)
}, 600000)
