import { existsSync } from 'node:fs'
import { Peer } from './peer.js'
import { makePrompt } from './prompt.js'
import { writeRandomModel } from './random-model.js'
const mid = { cpm_bee: { vocab_size: 8192, dim_model: 1024, dim_ff: 2560, num_layers: 12, num_heads: 16, dim_head: 64, half: false, position_bias_num_buckets: 256, position_bias_num_segment_buckets: 256, position_bias_max_distance: 2048 } }
const tiny = { cpm_bee: { vocab_size: 1500, dim_model: 192, dim_ff: 512, num_layers: 4, num_heads: 6, dim_head: 32, half: false, position_bias_num_buckets: 256, position_bias_num_segment_buckets: 256, position_bias_max_distance: 2048 } }
const which = process.argv[2]!
const config = which === 'mid' ? mid : tiny
const folder = `/tmp/dev/${which}`
if (!existsSync(`${folder}/model.safetensors`)) { const t = performance.now(); await writeRandomModel(folder, config, 1); console.log('written', performance.now() - t) }
const py = new Peer('python3', ['tools/bench/torch/side.py'], { OMP_WAIT_POLICY: 'PASSIVE' })
const js = new Peer(process.execPath, ['--import', '/tmp/dev/register.mjs', 'tools/bench/src/ours/side.ts'])
const threads = Number(process.argv[4] ?? 1)
console.log(await js.ask('info', { threads }), await py.ask('info', { threads }))
console.log('load', (await js.ask('load', { folder, threads })).ms, (await py.ask('load', { folder, threads })).ms)
const P = (n: number) => makePrompt(n, config.cpm_bee.vocab_size, 256, 5)
const ids = [6, 77, 500, 901]
const a = await js.ask('logits', { prompt: P(50), ids }), b = await py.ask('logits', { prompt: P(50), ids })
let worst = 0
a.steps.forEach((s, i) => s.forEach((v, j) => { worst = Math.max(worst, Math.abs(v - b.steps[i]![j]!)) }))
console.log('logit diff', worst, a.steps[3]!.slice(0, 3), a.steps[3]!.length)
const med = (x: readonly number[]) => [...x].sort((p, q) => p - q)[x.length >> 1]!
const show = (x: readonly number[]) => `med ${med(x).toFixed(1)} min ${Math.min(...x).toFixed(1)}`
const reps = Number(process.argv[3] ?? 5)
for (const n of [128, 512]) {
  const o: number[] = [], t: number[] = [], oc: number[] = [], tc: number[] = []
  for (let r = 0; r < reps; r++) {
    const x = await js.ask('prefill', { prompt: P(n), rows: 1, logits: false }); o.push(x.ms); oc.push(x.cpuMs)
    const y = await py.ask('prefill', { prompt: P(n), rows: 1, logits: false }); t.push(y.ms); tc.push(y.cpuMs)
  }
  console.log(`prefill ${n}: ours ${show(o)} cpu ${show(oc)} | torch ${show(t)} cpu ${show(tc)} | ratio med ${(med(t) / med(o)).toFixed(2)} min ${(Math.min(...t) / Math.min(...o)).toFixed(2)} cpu ${(Math.min(...tc) / Math.min(...oc)).toFixed(2)}`)
}
for (const [beams, n] of [[3, 200], [3, 600], [1, 200]] as const) {
  const o: number[] = [], t: number[] = [], oc: number[] = [], tc: number[] = []
  for (let r = 0; r < Math.max(1, reps / 2); r++) {
    const req = { prompt: P(n - 10), beams, steps: 16, penalty: 1.1, temperature: 0.7 }
    const x = await js.ask('decode', req); o.push(...x.ms.slice(4)); oc.push(...x.cpuMs.slice(4))
    const y = await py.ask('decode', req); t.push(...y.ms.slice(4)); tc.push(...y.cpuMs.slice(4))
  }
  console.log(`decode ${beams}@${n}: ours ${show(o)} cpu ${show(oc)} | torch ${show(t)} cpu ${show(tc)} | ratio med ${(med(t) / med(o)).toFixed(2)} min ${(Math.min(...t) / Math.min(...o)).toFixed(2)} cpu ${(Math.min(...tc) / Math.min(...oc)).toFixed(2)}`)
}
console.log(await js.ask('memory', {}), await py.ask('memory', {}))
await js.end(); await py.end()
