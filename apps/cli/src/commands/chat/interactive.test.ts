import { describe, expect, it } from 'vitest'
import { type FakeChat, fakeChat } from '../../fixtures/fake-chat.js'
import { files, inThread, type Running, recordedModel, run, start, until } from '../../fixtures/harness.js'

function talk(model: FakeChat, argv: string[] = [], tty = true): Running {
  return start(['chat', files.picture, ...argv], { tty, services: { loadChat: async () => model } })
}

/** Types one line as a terminal sends it. */
function type(running: Running, line: string): void {
  running.stdin.write(`${line}\r`)
}

const prompts = (running: Running): number => running.stdout().split('> ').length - 1

describe('a conversation in a terminal', () => {
  it('greets, answers, keeps the history, forgets it, and leaves', async () => {
    const model = fakeChat()
    const running = talk(model)
    await until(() => prompts(running) > 0, 'the prompt')
    expect(running.stdout()).toContain('Fake looks at')
    expect(running.stdout()).toContain('/help')
    type(running, 'What is it?')
    await until(() => running.stdout().includes('You said: What is it?'), 'the answer')
    type(running, '   ')
    type(running, 'And now?')
    await until(() => running.stdout().includes('You said: And now?'), 'the second answer')
    type(running, '/new')
    await until(() => running.stdout().includes('A new conversation'), 'forgetting')
    type(running, '//literal')
    await until(() => running.stdout().includes('You said: /literal'), 'the third answer')
    type(running, '/exit')
    expect(await running.exitCode).toBe(0)
    expect(model.asked.map(({ question, turns }) => [question, turns])).toEqual([
      ['What is it?', []],
      ['And now?', ['What is it?']],
      ['/literal', []],
    ])
    expect(model.log.at(-1)).toBe('dispose')
    expect(running.listeners()).toBe(0)
  })

  it('changes the picture, and survives a wrong one', async () => {
    const model = fakeChat()
    const running = talk(model)
    for (const line of ['/image', '/image /nowhere.png', `/image "${files.otherPicture}"`, 'q', '/frobnicate', '/help'])
      type(running, line)
    running.stdin.end()
    expect(await running.exitCode).toBe(0)
    expect(running.stdout()).toContain('/image needs a file')
    expect(running.stderr()).toContain('error: /nowhere.png: no such picture')
    expect(running.stdout()).toContain(`Now looking at ${files.otherPicture}`)
    expect(running.stdout()).toContain('There is no command /frobnicate')
    expect(running.stdout()).toContain('Ctrl-C stops an answer')
    const [first, second] = model.log.filter(entry => entry.startsWith('conversation'))
    expect(second).not.toBe(first)
    expect(model.asked[0]?.picture.width).toBe(Number(/\d+/.exec(second!)![0]))
  })

  it('Ctrl-C stops the answer and not the program', async () => {
    let open = false
    const model = fakeChat({
      answer: () => ['one', ' two'],
      gate: () => (open ? Promise.resolve() : new Promise(() => {})),
    })
    const running = talk(model)
    await until(() => prompts(running) === 1, 'the prompt')
    type(running, 'What?')
    await until(() => model.asked.length === 1, 'the question')
    // In a terminal the key arrives as a character.
    running.stdin.write('\u0003')
    await until(() => running.stdout().includes('(stopped)'), 'stopped')
    open = true
    type(running, 'Again')
    await until(() => running.stdout().includes('one two'), 'the next answer')
    // What was stopped is not part of the history.
    expect(model.asked[1]).toMatchObject({ question: 'Again', turns: [] })
    type(running, '/exit')
    expect(await running.exitCode).toBe(0)
  })

  it('a signal does the same as the key', async () => {
    const model = fakeChat({ answer: () => ['x'], gate: () => new Promise(() => {}) })
    const running = talk(model)
    type(running, 'What?')
    await until(() => model.asked.length === 1, 'the question')
    running.interrupt()
    await until(() => running.stdout().includes('(stopped)'), 'stopped')
    running.stdin.end()
    expect(await running.exitCode).toBe(0)
  })

  it('the second Ctrl-C at the prompt leaves, unless something was typed between', async () => {
    const model = fakeChat()
    const running = talk(model)
    await until(() => prompts(running) === 1, 'the prompt')
    running.stdin.write('half a quest\u0003')
    await until(() => running.stdout().includes('Press Ctrl-C again'), 'the advice')
    await until(() => prompts(running) >= 2, 'the prompt again')
    type(running, 'whole')
    await until(() => running.stdout().includes('You said: whole'), 'the answer')
    // What was typed before Ctrl-C is gone.
    expect(model.asked.map(a => a.question)).toEqual(['whole'])
    running.stdin.write('\u0003')
    await until(() => running.stdout().split('Press Ctrl-C again').length === 3, 'the advice again')
    running.stdin.write('\u0003')
    expect(await running.exitCode).toBe(130)
    expect(model.log.at(-1)).toBe('dispose')
  })

  it('Ctrl-D leaves', async () => {
    const running = talk(fakeChat())
    await until(() => prompts(running) === 1, 'the prompt')
    running.stdin.write('\u0004')
    expect(await running.exitCode).toBe(0)
    expect(running.stdout()).toContain('Bye.')
  })

  it('goes on after an error', async () => {
    const model = fakeChat({ answer: q => (q === 'bad' ? new Error('boom') : ['fine']) })
    const running = talk(model)
    type(running, 'bad')
    type(running, 'good')
    await until(() => running.stdout().includes('fine'), 'the answer')
    expect(running.stderr()).toContain('error: unexpected: boom')
    running.stdin.end()
    expect(await running.exitCode).toBe(0)
  })

  it('speaks Chinese', async () => {
    const services = { loadChat: async () => fakeChat() }
    const running = start(['chat', files.picture, '--lang', 'zh'], { tty: true, services })
    type(running, '/help')
    type(running, '/exit')
    expect(await running.exitCode).toBe(0)
    expect(running.stdout()).toContain('请用中文或英文提问')
    expect(running.stdout()).toContain('忘掉对话')
    expect(running.stdout()).toContain('再见')
  })
})

describe('a conversation from a pipe', () => {
  it('answers every line, without prompts', async () => {
    const model = fakeChat()
    const services = { loadChat: async () => model }
    const { code, stdout } = await run(['chat', files.picture], { services, stdin: 'one\n\ntwo\r\nthree' })
    expect(code).toBe(0)
    expect(stdout).toBe('You said: one\nYou said: two\nYou said: three\n')
    expect(model.asked.at(-1)?.turns).toEqual(['one', 'two'])
  })

  it('gives an object a line with --json, errors included, and the exit code of the first error', async () => {
    const model = fakeChat({ answer: q => (q === 'bad' ? new Error('boom') : ['fine']) })
    const services = { loadChat: async () => model }
    const { code, stdout } = await run(['chat', files.picture, '--json'], {
      services,
      stdin: 'good\nbad\n/new\ngood\n',
    })
    expect(code).toBe(1)
    const objects = stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(objects.map(o => o.text ?? o.error.code)).toEqual(['fine', 'FAILED', 'fine'])
  })

  it('Ctrl-C while waiting for a line leaves', async () => {
    const running = talk(fakeChat(), [], false)
    await until(() => running.listeners() === 1 && running.stderr().includes('loaded'), 'waiting')
    await new Promise(resolve => setTimeout(resolve, 20))
    running.interrupt()
    expect(await running.exitCode).toBe(130)
  })

  it('keeps the history with the recorded model', async () => {
    const stdin = 'What is it?\nAnd its colour?\n'
    const { code, stdout } = await run(['chat', files.picture, ...recordedModel, '--max-new-tokens', '4', '--json'], {
      stdin,
      services: inThread,
    })
    expect(code).toBe(0)
    const [first, second] = stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(second.usage.promptTokens).toBeGreaterThan(first.usage.promptTokens + 4)
    // The picture was looked at once.
    expect(first.timings.vision).toBeGreaterThan(0)
    expect(second.timings.vision).toBe(0)
  })
})
