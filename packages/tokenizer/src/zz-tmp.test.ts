import { readFileSync } from 'node:fs'
import { test } from 'vitest'
import { escapeText } from './escape.js'
import { CpmBeeTokenizer } from './tokenizer.js'
test('speed', () => {
  const G = '/work/shared/goldens/tokenizer/real-vocab/'
  const bytes = readFileSync(G + 'bee.txt')
  for (let i = 0; i < 3; i++) {
    const t = performance.now()
    CpmBeeTokenizer.fromVocabulary(bytes)
    console.log('load ms', performance.now() - t)
  }
  const tok = CpmBeeTokenizer.fromVocabulary(bytes)
  const lines = readFileSync(G + 'cases.jsonl', 'utf8').trim().split('\n').map(l => JSON.parse(l).input as string)
  const en = 'The quick brown fox jumps over the lazy dog; what color is the cat in the picture? It was a sunny day and the children were playing in the park.\n'
  const zh = '图中有一只红色的猫坐在沙发上，旁边有一个男人正在看书。天空是蓝色的，请描述这张图片的内容。\n'
  for (const [name, base] of [['goldens', lines.join('\n')], ['en', en], ['zh', zh]] as const) {
    const text = escapeText(base.repeat(Math.ceil(4e6 / base.length)))
    const size = new TextEncoder().encode(text).length / 1e6
    for (let i = 0; i < 3; i++) {
      const t = performance.now()
      const { ids } = tok.encode(text)
      const s = (performance.now() - t) / 1000
      console.log(name, size.toFixed(1), 'MB', (size / s).toFixed(1), 'MB/s', (ids.length / s / 1e6).toFixed(1), 'Mtok/s')
    }
    const { ids, extTable } = tok.encode(text)
    const t = performance.now()
    tok.decode(ids, extTable)
    console.log('decode MB/s', (size / (performance.now() - t) * 1000).toFixed(1))
  }
})
