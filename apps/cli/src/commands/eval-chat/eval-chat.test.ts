import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { BlockedError } from '@viscpm/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fakeChat } from '../../fixtures/fake-chat.js'
import { files, inThread, run, start, until } from '../../fixtures/harness.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viscpm-eval-chat-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const picture = files.picture.slice(dirname(files.picture).length + 1)
const jsonLines = (rows: readonly object[]): string => rows.map(row => `${JSON.stringify(row)}\n`).join('')

/** Three questions of our own, one of each category; arguments that name them. */
async function testSet(): Promise<string[]> {
  const questions = ['conv', 'detail', 'complex'].map((category, question_id) => ({
    ...{ question_id, image: picture, text: `question ${question_id}?`, category },
  }))
  const rule = { role: 'Assistant', prompt: 'Rate both.' }
  const texts = {
    questions: jsonLines(questions),
    references: jsonLines(questions.map(({ question_id }) => ({ question_id, text: 'You said: nothing' }))),
    contexts: jsonLines([{ image: picture, captions: ['x'], instances: [] }]),
    rules: JSON.stringify({ conv: rule, detail: rule, complex: rule }),
  }
  for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text)
  const named = Object.keys(texts).flatMap(name => [`--${name}`, join(folder, name)])
  return ['eval', 'chat', ...named, '--pictures', dirname(files.picture), '-o', join(folder, 'run')]
}

const identifyChat = async () => ({ hash: 'f00d' })
const kept = async (name: string) =>
  (await readFile(join(folder, 'run', name), 'utf8'))
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))

describe('the sample', () => {
  it('is answered by the embedded model and judged by a rule', { timeout: 120_000 }, async () => {
    const { code, stdout, stderr } = await run(['eval', 'chat', '-o', folder], { services: inThread })
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toContain('Answers about pictures, English: viscpm-tiny')
    expect(stdout).toContain('Answers about pictures, Chinese: viscpm-tiny')
    expect(stdout).toContain('judged by word-overlap, a rule and no judge')
    expect(stdout).toMatch(/VisCPM-Chat-v1\.1 \(10B\) +91\.3 +90\.7 +95\.4 +92\.5/)
    expect(await readdir(join(folder, 'zh'))).toEqual(['answers.jsonl', 'reviews.jsonl', 'summary.json'])
    const { scores } = JSON.parse(await readFile(join(folder, 'en', 'summary.json'), 'utf8'))
    // The card's own test has it right four times in five: far from nothing, far from all.
    expect(scores.conv.value).toBeGreaterThan(60)
    expect(scores.all.value).toBeLessThan(95)
    const [en, zh] = ['en', 'zh'].map(name => join(folder, name, 'answers.jsonl'))
    const same = await run(['eval', 'chat', '--answers', en!, '--against', en!, '--json'])
    expect(JSON.parse(same.stdout)).toMatchObject({ compared: 16, identical: { value: 1 }, different: [] })
    const other = await run(['eval', 'chat', '--answers', en!, '--against', zh!])
    expect(other.stdout).toMatch(/identical +0\.0 %.*and 11 more/s)
  })
})

describe('questions of one’s own', () => {
  it('are resumed after Ctrl-C where they stopped, without asking anything twice', async () => {
    const argv = [...(await testSet()), '--judge', 'word-overlap']
    let pieces = 0
    const slow = fakeChat({ gate: () => (pieces++ < 1 ? Promise.resolve() : new Promise(() => {})) })
    const running = start(argv, { services: { loadChat: async () => slow, identifyChat } })
    await until(() => slow.asked.length === 2, 'the second question')
    running.interrupt()
    expect(await running.exitCode).toBe(130)
    expect(await kept('answers.jsonl')).toHaveLength(2)
    const model = fakeChat()
    const done = await run([...argv, '--json'], { services: { loadChat: async () => model, identifyChat } })
    expect(done).toMatchObject({ code: 0 })
    expect(model.asked.map(({ question, turns }) => [question, turns])).toEqual([
      ['question 1?', []],
      ['question 2?', []],
    ])
    expect(JSON.parse(done.stdout).sets[0]).toMatchObject({ questions: 3, reviews: 6, unparsable: 0, model: 'Fake' })
    const idle = { loadChat: async () => Promise.reject(new Error('must not be loaded')), identifyChat }
    expect(await run(argv, { services: idle })).toMatchObject({ code: 0 })
    expect((await run([...argv, '--decoding', 'greedy'], { services: idle })).stderr).toContain('of other settings')
  })

  it('a blocked one is an answer without words', async () => {
    const blocked = new BlockedError({ message: 'no', verdicts: [] })
    const model = fakeChat({ answer: question => (question.includes('1') ? blocked : ['fine']) })
    const services = { loadChat: async () => model, identifyChat }
    const { code, stdout } = await run([...(await testSet()), '--judge', 'none'], { services })
    expect(code).toBe(0)
    expect(stdout).toContain('1 answers were stopped by a safety checker')
    expect((await kept('answers.jsonl'))[2]).toMatchObject({ text: '', finish_reason: 'blocked' })
  })
})

describe('an endpoint that judges', () => {
  let server: Server
  let asked: { authorization: string | undefined; content: string }[]
  let reply: (n: number) => string
  beforeEach(async () => {
    asked = []
    server = createServer((request, response) => {
      let text = ''
      request.on('data', chunk => {
        text += chunk
      })
      request.on('end', () => {
        asked.push({ authorization: request.headers.authorization, content: JSON.parse(text).messages[1].content })
        response.end(JSON.stringify({ model: 'exact', choices: [{ message: { content: reply(asked.length) } }] }))
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  })
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  const endpoint = () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
    return ['--judge-url', url, '--judge-model', 'pinned', '--judge-concurrency', '1']
  }
  const services = { loadChat: async () => fakeChat(), identifyChat }

  it('gives the scores of the table; the position of an answer shows', async () => {
    reply = () => '10 5\nthe first is better'
    const env = { VISCPM_JUDGE_KEY: 'secret' }
    const { code, stdout } = await run([...(await testSet()), ...endpoint()], { services, env })
    expect(code).toBe(0)
    expect(asked[0]!.authorization).toBe('Bearer secret')
    expect(stdout).toContain('judged by pinned')
    expect(stdout).toMatch(/Fake +100\.0 /)
    expect(stdout).toMatch(/answer shown second +50\.0 /)
    expect(stdout).toMatch(/answer shown first +200\.0 /)
    expect(await readFile(join(folder, 'run', 'reviews.jsonl'), 'utf8')).not.toContain('secret')
    expect((await run([...(await testSet()), ...endpoint()], { services })).code).toBe(0)
    expect(asked).toHaveLength(6)
  })

  it('counts replies that say nothing, apart from every mean', async () => {
    reply = n => (n <= 3 ? 'Both are lovely.' : '10 5')
    const argv = [...(await testSet()), ...endpoint(), '--orders', 'second', '--json']
    const [set] = JSON.parse((await run(argv, { services })).stdout).sets
    expect(set).toMatchObject({
      reviews: 3,
      unparsable: 1,
      left: [0],
      models: ['exact'],
      scores: { all: { value: 50 } },
    })
    expect(set.scores.conv).toBeUndefined()
  })

  it('judges answers of another system', async () => {
    reply = () => '10 5'
    const answers = join(folder, 'theirs.jsonl')
    await writeFile(answers, jsonLines([0, 1, 2].map(question_id => ({ question_id, text: 'theirs', model_id: 'X' }))))
    const { code, stdout } = await run([...(await testSet()), ...endpoint(), '--answers', answers])
    expect(code).toBe(0)
    expect(stdout).toContain('English: X')
    expect(asked[0]!.content).toContain('[Assistant 2]\ntheirs\n')
  })
})

describe('a wrong command line', () => {
  it.each([
    [['--against', 'b'], '--against needs --answers'],
    [['--answers', 'a'], '--answers needs --questions'],
    [['--pictures', 'p'], '--pictures needs --questions'],
    [['--questions', 'q'], 'who is to judge?'],
    [['--questions', 'q', '--judge', 'none'], '--questions needs --pictures'],
    [['--questions', 'q', '--judge', 'none', '--pictures', 'p'], '--output'],
    [['--questions', 'q', '--judge', 'word-overlap', '--pictures', 'p'], '--questions needs --references'],
    [['--judge-url', 'http://h/v1'], '--judge-url needs --judge-model'],
    [['--judge-model', 'm'], '--judge-model needs --judge-url'],
    [['--judge', 'none', '--judge-model', 'm'], '--judge none'],
    [['--judge-url', 'nowhere', '--judge-model', 'm'], "--judge-url: 'nowhere' is no http"],
    [['--judge', 'me'], '--judge'],
  ])('%j: %s', async (argv, message) => {
    const { code, stderr } = await run(['eval', 'chat', ...argv])
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) })
  })

  it('a key does not travel in the clear', async () => {
    const env = { VISCPM_JUDGE_KEY: 'secret' }
    const argv = ['eval', 'chat', '--judge-url', 'http://judge.example/v1', '--judge-model', 'm']
    expect((await run(argv, { env })).stderr).toContain('in the clear')
  })
})
