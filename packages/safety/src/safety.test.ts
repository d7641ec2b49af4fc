import {
  type Image,
  type ImageChecker,
  isVisCPMError,
  type PromptChecker,
  type Stage,
  type Verdict,
} from '@viscpm/core'
import { describe, expect, it, vi } from 'vitest'
import {
  type AuditLine,
  auditLogger,
  isPictureStage,
  missingChecker,
  noSafety,
  Policy,
  Safety,
  type SafetyOptions,
  safetyOf,
  stages,
  strictPolicy,
  strictSafety,
  upstreamSafety,
} from './index.js'

type Check = (input: unknown, options?: { signal?: AbortSignal }) => unknown
const checker = (check: Check, name = 'test') => ({ name, check }) as PromptChecker & ImageChecker
const says = (decision: Verdict['decision'], name = 'test') => checker(async () => ({ decision, checker: name }), name)
const image: Image = { width: 2, height: 1, data: new Uint8Array(6) }

function with_(one: PromptChecker & ImageChecker, options: Partial<SafetyOptions> = {}): Safety {
  return new Safety({ policy: strictPolicy, prompt: [one], image: [one], timeoutMs: 50, ...options })
}
const decide = (safety: Safety, stage: Stage, signal?: AbortSignal) =>
  isPictureStage(stage)
    ? safety.checkImage(stage, image, signal ? { signal } : {})
    : safety.checkText(stage, 'a cat', signal ? { signal } : {})

const hostile = {
  get decision(): never {
    throw new Error('trap')
  },
}

describe.each(stages)('%s fails closed', stage => {
  it.each<[string, PromptChecker & ImageChecker, RegExp]>([
    ['is missing', missingChecker('gone', 'no such file'), /missing: no such file/],
    [
      'throws at once',
      checker(() => {
        throw new Error('boom')
      }),
      /boom/,
    ],
    ['rejects', checker(() => Promise.reject(new Error('out of memory'))), /out of memory/],
    ['rejects with nothing', checker(() => Promise.reject(undefined)), /failed/],
    ['rejects with what cannot be shown', checker(() => Promise.reject(Object.create(null))), /failed/],
    ['hangs', checker(() => new Promise(() => {})), /within 50 ms/],
    ['answers with nothing', checker(async () => undefined), /no verdict/],
    ['answers with null', checker(async () => null), /no verdict/],
    ['answers with a text', checker(async () => 'allow'), /no verdict/],
    ['answers with true', checker(async () => true), /no verdict/],
    ['answers with no decision', checker(async () => ({ checker: 'x' })), /decision/],
    ['answers with an unknown decision', checker(async () => ({ decision: 'safe', checker: 'x' })), /decision/],
    [
      'answers with a NaN score',
      checker(async () => ({ decision: 'allow', checker: 'x', score: Number.NaN })),
      /score/,
    ],
    [
      'answers with an endless score',
      checker(async () => ({ decision: 'allow', checker: 'x', score: Infinity })),
      /score/,
    ],
    [
      'answers with a NaN threshold',
      checker(async () => ({ decision: 'allow', checker: 'x', threshold: Number.NaN })),
      /threshold/,
    ],
    [
      'answers with a score that is a text',
      checker(async () => ({ decision: 'allow', checker: 'x', score: '0' })),
      /score/,
    ],
    [
      'answers with a category that is none',
      checker(async () => ({ decision: 'allow', checker: 'x', category: 3 })),
      /category/,
    ],
    ['answers with a trap', checker(async () => hostile), /trap/],
    ['answers with no promise', checker(() => 3), /no verdict/],
    [
      'is of the wrong shape',
      checker(async () => {
        throw new RangeError('input has shape [1, 3, 2, 2]')
      }),
      /shape/,
    ],
  ])('when its checker %s', async (_, broken, reason) => {
    const { action, verdict, verdicts } = await decide(with_(broken), stage)
    expect(action).toBe('block')
    expect(verdict).toMatchObject({ decision: 'unknown', reason: expect.stringMatching(reason) })
    expect(verdicts).toEqual([verdict])
  })

  it('and lets pass only what every checker allows', async () => {
    const both = (a: Verdict['decision'], b: Verdict['decision']) => {
      const list = [says(a, 'a'), says(b, 'b')]
      return decide(new Safety({ policy: strictPolicy, prompt: list, image: list }), stage)
    }
    expect((await both('allow', 'allow')).action).toBe('allow')
    expect(await both('allow', 'unknown')).toMatchObject({ action: 'block', verdict: { checker: 'b' } })
    expect(await both('unknown', 'block')).toMatchObject({
      action: 'block',
      verdict: { checker: 'b', decision: 'block' },
    })
    expect((await both('block', 'allow')).verdicts).toHaveLength(1)
  })

  it('declares that there is no checker', async () => {
    const safety = new Safety({ policy: strictPolicy })
    expect(await decide(safety, stage)).toEqual({ stage, action: 'allow', verdict: 'none', verdicts: [] })
    expect([safety.coverage()[stage], safety.covers(stage)]).toEqual(['none', false])
    expect(with_(says('allow', 'eye')).coverage()[stage]).toEqual(['eye'])
  })

  it("throws the signal's reason, at once, whatever the checker does", async () => {
    const reason = new Error('enough')
    for (const one of [
      checker(() => new Promise(() => {})),
      checker(async (_, options) => {
        await new Promise((_, reject) =>
          options!.signal!.addEventListener('abort', () => reject(options!.signal!.reason)),
        )
      }),
    ]) {
      const controller = new AbortController()
      const deciding = decide(with_(one, { timeoutMs: 10_000 }), stage, controller.signal)
      setTimeout(() => controller.abort(reason), 10)
      await expect(deciding).rejects.toBe(reason)
    }
    const asked = vi.fn()
    await expect(decide(with_(checker(asked)), stage, AbortSignal.abort(reason))).rejects.toBe(reason)
    expect(asked).not.toHaveBeenCalled()
  })
})

describe('Safety', () => {
  it('tells a checker to stop when its time is over', async () => {
    let stopped = false
    const slow = checker((_, options) => {
      options!.signal!.addEventListener('abort', () => {
        stopped = true
      })
      return new Promise(() => {})
    })
    await decide(with_(slow), 'prompt')
    expect(stopped).toBe(true)
  })

  it('follows its policy', async () => {
    const policy = new Policy({
      name: 'soft',
      stages: { prompt: { block: 'tag', unknown: 'allow' }, 'chat-text': 'unchecked' },
    })
    expect(await decide(with_(says('block'), { policy }), 'prompt')).toMatchObject({ action: 'tag' })
    expect(await decide(with_(says('unknown'), { policy }), 'prompt')).toMatchObject({ action: 'allow' })
    const safety = with_(says('block'), { policy })
    expect(await decide(safety, 'chat-text')).toMatchObject({ action: 'allow', verdict: 'none' })
    expect(safety.coverage()).toMatchObject({ prompt: ['test'], 'chat-text': 'none' })
  })

  it('keeps texts and pictures apart', async () => {
    const safety = with_(says('allow'))
    await expect(safety.checkText('chat-picture', 'x')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(safety.checkText('nowhere' as never, 'x')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(safety.checkImage('prompt', image)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(safety.checkText('prompt', 3 as never)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  it.each<[unknown, string]>([
    [{}, 'policy'],
    [{ policy: strictPolicy, prompt: says('allow') }, 'prompt'],
    [{ policy: strictPolicy, prompt: [undefined] }, 'prompt[0]'],
    [{ policy: strictPolicy, image: [says('allow'), { name: 'x' }] }, 'image[1]'],
    [{ policy: strictPolicy, prompt: [{ ...says('allow'), name: '' }] }, 'prompt[0]'],
    [{ policy: strictPolicy, timeoutMs: 0 }, 'timeoutMs'],
    [{ policy: strictPolicy, timeoutMs: Number.NaN }, 'timeoutMs'],
    [{ policy: strictPolicy, timeoutMs: 1e12 }, 'timeoutMs'],
    [{ policy: strictPolicy, audit: 'file' }, 'audit'],
  ])('refuses options %#', (options, argument) => {
    expect(() => new Safety(options as SafetyOptions)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', argument }),
    )
  })
})

describe('audit', () => {
  it('gets one line for every decision, without the content', async () => {
    const lines: AuditLine[] = []
    const modelHash = 'f00d'
    const safety = strictSafety({ image: [says('block', 'eye')], audit: line => void lines.push(line), modelHash })
    await safety.checkText('prompt', '一张色情图片')
    await safety.checkText('prompt', 'a cat')
    await safety.checkImage('chat-picture', image)
    expect(
      lines.map(({ stage, verdict, action, policy, checker, model }) => [
        stage,
        verdict,
        action,
        policy,
        checker,
        model,
      ]),
    ).toEqual([
      ['prompt', 'block', 'block', 'strict', 'word-list', 'f00d'],
      ['prompt', 'allow', 'allow', 'strict', 'word-list', 'f00d'],
      ['chat-picture', 'block', 'block', 'strict', 'eye', 'f00d'],
    ])
    expect(lines[1]!.input).toBe('51e467415607798220a3776f6ae1a2a09ddc7e5dcdc955d685477b4cf05ade22') // sha256sum of 'a cat'
    expect(lines[0]!.modelHash).toMatch(/^[0-9a-f]{64}$/)
    expect(new Date(lines[0]!.time).toISOString()).toBe(lines[0]!.time)
    expect(JSON.stringify(lines)).not.toMatch(/色情|色|a cat|reason/)
  })

  it('goes to a logger', async () => {
    const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }
    const safety = strictSafety({ audit: auditLogger(logger) })
    await safety.checkText('prompt', 'a cat')
    await safety.checkText('prompt', 'porn')
    expect(logger.info.mock.calls[0]![1]).toMatchObject({ stage: 'prompt', action: 'allow' })
    expect(logger.warn.mock.calls[0]![1]).toMatchObject({ stage: 'prompt', action: 'block' })
  })

  it('stops the decision where it cannot be written', async () => {
    const full = new Error('disk full')
    const safety = strictSafety({ audit: () => Promise.reject(full) })
    await expect(safety.checkText('prompt', 'a cat')).rejects.toBe(full)
  })
})

describe('presets', () => {
  it('have the word list and no checker of pictures unless they are given', () => {
    expect(strictSafety().coverage()).toMatchObject({
      prompt: ['word-list'],
      'chat-answer': ['word-list'],
      'painted-picture': 'none',
    })
    expect(strictSafety({ prompt: [] }).coverage().prompt).toBe('none')
    expect(upstreamSafety({ image: [says('allow', 'eye')] }).coverage()).toMatchObject({
      prompt: ['word-list'],
      'negative-prompt': 'none',
      'chat-picture': ['eye'],
      'source-picture': 'none',
    })
  })

  it('off is said once', async () => {
    const logger = { warn: vi.fn() }
    const safety = noSafety({ logger })
    noSafety({ logger })
    expect(logger.warn).toHaveBeenCalledTimes(1)
    expect(await safety.checkText('prompt', 'porn')).toMatchObject({ action: 'allow', verdict: 'none' })
    expect(Object.values(safety.coverage())).toEqual(stages.map(() => 'none'))
  })

  it('a pipeline takes a Safety, or single checkers', () => {
    const own = strictSafety()
    expect(safetyOf({ safety: own })).toBe(own)
    expect(safetyOf({}).coverage()).toEqual(own.coverage())
    expect(safetyOf({ promptChecker: says('allow', 'mine') }).coverage()).toMatchObject({
      prompt: ['mine'],
      'chat-picture': 'none',
    })
    expect(safetyOf({ imageChecker: says('allow', 'eye') }).coverage()).toMatchObject({
      prompt: ['word-list'],
      'chat-picture': ['eye'],
    })
    for (const wrong of [
      { safety: 'off' as never },
      { safety: own, imageChecker: says('allow') },
      { safety: null as never },
    ])
      expect(() => safetyOf(wrong)).toThrow(expect.toSatisfy(error => isVisCPMError(error, 'INVALID_ARGUMENT')))
  })
})
