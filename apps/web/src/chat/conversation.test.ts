import { describe, expect, it } from 'vitest'
import { type ChatTurn, contextOf, newConversation, newTurn, restored, titleOf, withTurn } from './conversation.js'

const picture = new Blob(['1'])
const other = new Blob(['2'])
const turn = (question: string, more: Partial<ChatTurn> = {}): ChatTurn => ({
  ...newTurn(question, undefined),
  answer: `${question}!`,
  status: 'done',
  ...more,
})

describe('contextOf', () => {
  it('is the picture and the answered turns before', () => {
    const turns = [turn('a', { picture }), turn('b'), turn('c')]
    expect(contextOf(turns, 2)).toEqual({
      picture,
      turns: [
        { question: 'a', answer: 'a!' },
        { question: 'b', answer: 'b!' },
      ],
    })
    expect(contextOf(turns, 0)).toEqual({ picture, turns: [] })
  })

  it('starts afresh at a new picture', () => {
    const turns = [turn('a', { picture }), turn('b', { picture: other }), turn('c')]
    const context = contextOf(turns, 2)
    expect(context?.picture).toBe(other)
    expect(context?.turns.map(t => t.question)).toEqual(['b'])
  })

  it('leaves out what was not answered', () => {
    const turns = [
      turn('a', { picture }),
      turn('b', { status: 'failed' }),
      turn('c', { status: 'blocked' }),
      turn('d', { status: 'stopped', answer: '' }),
      turn('e', { status: 'stopped' }),
      turn('f', { status: 'length' }),
      turn('g'),
    ]
    expect(contextOf(turns, 6)?.turns.map(t => t.question)).toEqual(['a', 'e', 'f'])
  })

  it('is not there without a picture', () => {
    expect(contextOf([turn('a')], 0)).toBeUndefined()
  })
})

describe('a conversation', () => {
  it('is called as its first question, on one line', () => {
    const conversation = newConversation(0)
    expect(titleOf(conversation)).toBeUndefined()
    expect(titleOf({ ...conversation, turns: [turn(' what\n is  it ')] })).toBe('what is it')
    expect(titleOf({ ...conversation, turns: [turn('猫🐈'.repeat(40))] })).toBe(`${'猫🐈'.repeat(29)}猫…`)
  })

  it('is stopped where a page was left in the middle', () => {
    const conversation = { ...newConversation(0), turns: [turn('a', { status: 'running', answer: 'so f' })] }
    expect(restored(conversation).turns[0]).toMatchObject({ status: 'stopped', answer: 'so f' })
  })

  it('takes a turn by its id', () => {
    const conversation = { ...newConversation(0), turns: [turn('a'), turn('b')] }
    const changed = withTurn(conversation, { ...conversation.turns[1]!, answer: 'new' })
    expect(changed.turns.map(t => t.answer)).toEqual(['a!', 'new'])
    expect(withTurn(conversation, turn('c'))).toBe(conversation)
  })
})
