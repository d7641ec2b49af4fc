import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { judgeServer, says } from '../../chat/fixtures/judge-server.js'
import { findPicture, proxyFetch, readAnswers, readQuestions, readTestSet, sampleFiles } from './index.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viscpm-eval-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const write = async (name: string, text: string | Uint8Array): Promise<string> => {
  await writeFile(join(folder, name), text)
  return join(folder, name)
}

describe('the sample', () => {
  it('has the same questions in both languages, and all that judging needs', async () => {
    const sets = await Promise.all(
      (['en', 'zh'] as const).map(async language => {
        const { questions: file, ...rest } = sampleFiles(language)
        const { questions } = await readQuestions(file)
        return (await readTestSet(questions, rest)).items
      }),
    )
    const shape = sets.map(items =>
      items.map(({ question: { questionId, image, category } }) => [questionId, image, category]),
    )
    expect(shape[0]).toEqual(shape[1])
    expect(new Set(sets[0]!.map(({ question }) => question.category)).size).toBe(3)
    for (const { reference } of sets[1]!) expect(reference).toMatch(/\p{Script=Han}/u)
  })
})

describe('files of answers', () => {
  it('may be ours, with settings, or of others', async () => {
    const line = '{"question_id":0,"text":"a"}\n'
    expect(await readAnswers(await write('ours', `{"settings":{"x":1}}\n${line}`))).toMatchObject({
      answers: [{ question_id: 0, text: 'a' }],
      settings: { x: 1 },
    })
    expect((await readAnswers(await write('theirs', line))).settings).toBeUndefined()
  })

  it.each([
    ['{"settings":{}}\n', 'holds no answer'],
    ['{"question_id":0,"text":"a"}\n{"question_id":0,"text":"b"}\n', "'0' is there twice"],
    ['{"question_id":0}\n', "line 1: 'text' is no text"],
  ])('%j', async (text, message) => {
    await expect(readAnswers(await write('a', text))).rejects.toThrow(message)
  })

  it('that are none', async () => {
    await expect(readAnswers(join(folder, 'no'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
    await expect(readAnswers(await write('b', new Uint8Array([255])))).rejects.toThrow('is no UTF-8 text')
  })
})

describe('pictures', () => {
  it('are found by their own name or by that of COCO', async () => {
    await write('a.jpg', '')
    await write('COCO_val2014_b.jpg', '')
    expect(await findPicture(folder, 'a.jpg')).toBe(join(folder, 'a.jpg'))
    expect(await findPicture(folder, 'b.jpg')).toBe(join(folder, 'COCO_val2014_b.jpg'))
  })

  it.each(['c.jpg', '../a.jpg', '/etc/passwd', 'x/../../a.jpg'])('not %s', async image => {
    await expect(findPicture(folder, image)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
  })
})

it('a fetch that heeds proxies posts as the platform does', async () => {
  const server = await judgeServer(says('1 2'))
  const { fetch, close } = proxyFetch()
  const init = { method: 'POST', body: '{"model":"m"}' }
  const response = await fetch(new URL('/v1/chat/completions', server.url), init)
  expect(await response.json()).toMatchObject({ model: 'm-0613' })
  await close()
  await server.close()
})
