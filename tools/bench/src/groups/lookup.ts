import { join } from 'node:path'
import type { BenchOptions } from '../options.js'
import { textKinds } from '../ours/lookup.js'
import { startOurs } from '../peers.js'
import { makePrompt } from '../prompt.js'
import type { Reply } from '../protocol.js'
import { writeRandomModel } from '../random-model.js'
import { Measurement } from '../result.js'
import { common, languageConfig, languageSizes } from './language.js'

const tokens = 200

/** Greedy decoding with prompt lookup against the same without, in turns; ours alone. @throws Error when answers differ */
export async function measureLookup(
  folder: string,
  { runs, threads }: BenchOptions,
  log: (text: string) => void,
): Promise<Measurement[]> {
  const model = join(folder, 'lookup')
  await writeRandomModel(model, languageConfig('language-mid'), 1)
  const prompt = makePrompt(200, languageSizes['language-mid'].vocab_size, common.position_bias_num_segment_buckets, 5)
  const speed = (what: string) => new Measurement('lookup', `${what}: speed with lookup / without`, 'x')
  const saved = (what: string) => new Measurement('lookup', `${what}: tokens a step`, 'x')
  const rows = ['embedded model, descriptions and follow-ups', ...textKinds.map(kind => `mid, ${kind}`)].map(what => ({
    what,
    speed: speed(what),
    saved: saved(what),
  }))
  const add = (i: number, { plain, lookup, same }: Reply<'lookupText'>) => {
    if (!same) throw new Error(`${rows[i]!.what}: the answers with and without lookup differ`)
    rows[i]!.speed.add({ ms: plain.ms / lookup.ms })
    rows[i]!.saved.add({ ms: lookup.tokens / (lookup.tokens - lookup.accepted) })
  }
  for (let run = 0; run < runs; run++) {
    const ours = startOurs()
    add(0, await ours.ask('lookupChat', { threads }))
    await ours.ask('load', { folder: model, threads })
    for (const [i, kind] of textKinds.entries()) add(i + 1, await ours.ask('lookupText', { prompt, kind, tokens }))
    await ours.end()
    log(`lookup: run ${run + 1} of ${runs}`)
  }
  return rows.flatMap(row => [row.speed, row.saved])
}
