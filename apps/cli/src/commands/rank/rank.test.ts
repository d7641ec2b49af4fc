import type { Image } from '@viscpm/core'
import { describe, expect, it } from 'vitest'
import { files, run, start, until } from '../../fixtures/harness.js'
import { recordedRanker } from '../../fixtures/recorded-painter.js'
import type { Ranker, RankerOptions } from '../../models.js'
import type { Services } from '../../services.js'

/** A ranker that scores by the order it is given in `scores`. */
function fakeRanker(scores: readonly number[], gate?: () => Promise<void>) {
  const loaded: { where: string; options: RankerOptions }[] = []
  const asked: { prompt: string; images: readonly Image[] }[] = []
  const log: string[] = []
  const ranker: Ranker = {
    name: 'fake-clip',
    languages: ['zh'],
    async score(prompt, images, options) {
      asked.push({ prompt, images })
      const aborted = new Promise<never>((_, reject) =>
        options?.signal?.addEventListener('abort', () => reject(options.signal!.reason)),
      )
      aborted.catch(() => {})
      await Promise.race([gate?.(), aborted])
      return [...scores]
    },
    async dispose() {
      log.push('dispose')
    },
  }
  const loadRanker = async (where: string, options: RankerOptions) => {
    loaded.push({ where, options })
    return ranker
  }
  return { loaded, asked, log, services: { loadRanker } }
}

const { picture, otherPicture } = files

describe('rank', () => {
  it('puts the best first', async () => {
    const { services, loaded, asked, log } = fakeRanker([-3.5, 41.256, 9])
    const { code, stdout } = await run(['rank', '一只猫', picture, otherPicture, picture, '--threads', '2'], {
      services,
    })
    expect(code).toBe(0)
    expect(stdout).toBe(`1  41.26  ${otherPicture}\n2   9.00  ${picture}\n3  -3.50  ${picture}\n`)
    expect(loaded).toMatchObject([{ where: 'tiny', options: { threads: 2 } }])
    expect(asked[0]).toMatchObject({ prompt: '一只猫' })
    expect(asked[0]!.images).toHaveLength(3)
    expect(log).toEqual(['dispose'])
  })

  it('is one object with --json, and says when it does not read the language', async () => {
    const { services } = fakeRanker([1, 2])
    const argv = ['rank', 'a cat', picture, otherPicture, '--json', '--quiet']
    const { stdout, stderr } = await run(argv, { services })
    const note = 'fake-clip reads Chinese, the prompt is in English: its choice means little'
    expect(stderr).toBe(`${note}\n`)
    expect(JSON.parse(stdout)).toEqual({
      model: 'fake-clip',
      prompt: 'a cat',
      language: 'en',
      languages: ['zh'],
      note,
      ranking: [
        { file: otherPicture, score: 2 },
        { file: picture, score: 1 },
      ],
    })
    const chinese = await run(['rank', '猫', picture, '--json', '--quiet'], { services })
    expect(chinese.stderr).toBe('')
    expect(JSON.parse(chinese.stdout)).not.toHaveProperty('note')
  })

  it('lets a chat choose with --rank-by self: the reranker is not loaded, both languages are read', async () => {
    const { services, loaded } = fakeRanker([1])
    const log: string[] = []
    const loadCritic: Services['loadCritic'] = async (where, { threads, device }) => {
      log.push(`load ${where} ${threads} ${device}`)
      return {
        name: 'fake-chat',
        ask: async () => ({ text: '', finishReason: 'stop' }),
        score: async (_image, _question, answers) => {
          log.push(answers.join())
          const logProb = log.length === 2 ? -4 : -1
          return [{ logProb, logProbs: [logProb] }]
        },
        dispose: async () => void log.push('dispose'),
      }
    }
    const argv = ['rank', 'a cat', picture, otherPicture, '--rank-by', 'self', '--threads', '2', '--device', 'cpu']
    const { code, stdout, stderr } = await run([...argv, '--quiet'], { services: { ...services, loadCritic } })
    expect([code, stdout, stderr]).toEqual([0, `1  -1.00  ${otherPicture}\n2  -4.00  ${picture}\n`, ''])
    expect([loaded, log]).toEqual([[], ['load tiny 2 cpu', 'It is a cat.', 'It is a cat.', 'dispose']])
    const json = await run([...argv, '--critic', 'big', '--json'], { services: { ...services, loadCritic } })
    expect(JSON.parse(json.stdout)).toMatchObject({
      model: 'self-critique (caption, fake-chat)',
      languages: ['zh', 'en'],
    })
    expect(log[4]).toBe('load big 2 cpu')
  })

  it.each([
    [['rank', '猫', picture, '--rank-by', 'self', '--model', 'clip'], 2, '--rank-by self cannot be used with --model'],
    [['rank', '猫', picture, '--critic', 'big'], 2, 'Add --rank-by self, or leave --critic out.'],
    [['rank', ' ', picture], 2, 'the prompt is empty'],
    [['rank', '猫'], 2, 'IMAGES is missing'],
    [['rank', '猫', picture, '/nowhere/cat.png'], 1, '/nowhere/cat.png: no such picture'],
    [['rank', '猫', files.config], 1, 'not a PNG, JPEG, WebP or GIF picture'],
  ])('%j: found before anything is loaded', async (argv, exit, message) => {
    const { services, loaded } = fakeRanker([1])
    const { code, stdout, stderr } = await run(argv as string[], { services })
    expect(stderr).toContain(message)
    expect([code, stdout, loaded.length]).toEqual([exit, '', 0])
  })

  it('says what to do where the folder is none', async () => {
    const { code, stderr } = await run(['rank', '猫', picture, '--model', '/nowhere/clip'])
    expect(stderr).toContain('/nowhere/clip: no such folder')
    expect(code).toBe(1)
  })

  it('stops at Ctrl-C', async () => {
    const { services, asked, log } = fakeRanker([1], () => new Promise(() => {}))
    const running = start(['rank', '猫', picture], { services })
    await until(() => asked.length === 1, 'the scoring')
    running.interrupt()
    expect(await running.exitCode).toBe(130)
    expect(log).toEqual(['dispose'])
  })

  it.skipIf(!recordedRanker)('runs with a real model', async () => {
    const argv = ['rank', '一只红色的猫', picture, otherPicture, '--model', recordedRanker!, '--json']
    const { code, stdout } = await run(argv)
    expect(code).toBe(0)
    const { ranking, model } = JSON.parse(stdout)
    expect(model).toBe('chinese-clip')
    expect(ranking[0].score).toBeGreaterThan(ranking[1].score)
    const backwards = await run(['rank', '一只红色的猫', otherPicture, picture, '--model', recordedRanker!, '--json'])
    expect(JSON.parse(backwards.stdout).ranking[0].file).toBe(ranking[0].file)
  })
})
