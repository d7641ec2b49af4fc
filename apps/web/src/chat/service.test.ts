import { beforeEach, describe, expect, it } from 'vitest'
import { busy, FakeEngine, FakeShelf, replyOf, settle } from '../fixtures/fake-engine.js'
import { type ChatTurn, type Conversation, newConversation, newTurn } from './conversation.js'
import { ChatService } from './service.js'

const picture = new Blob(['1'])
let engine: FakeEngine
let shelf: FakeShelf<Conversation>
let chat: ChatService

beforeEach(async () => {
  engine = new FakeEngine()
  shelf = new FakeShelf<Conversation>()
  chat = new ChatService(engine, shelf, () => 'greedy')
  await chat.load()
})

function ask(text: string, withPicture = false): string {
  chat.write({ text, ...(withPicture ? { picture } : {}) })
  return chat.ask()!
}

const last = (): ChatTurn => chat.current!.turns.at(-1)!

describe('asking', () => {
  it('needs words and a picture', () => {
    chat.write({ text: 'What?' })
    expect(chat.canAsk()).toBe(false)
    chat.write({ text: ' ', picture })
    expect(chat.canAsk()).toBe(false)
    expect(chat.ask()).toBeUndefined()
    chat.write({ text: 'What?', picture })
    expect(chat.canAsk()).toBe(true)
  })

  it('grows the answer, and keeps what came of it', async () => {
    ask(' What is it? ', true)
    expect(engine.chats[0]!.request).toMatchObject({ picture, turns: [], question: 'What is it?', decoding: 'greedy' })
    expect(chat.draft()).toEqual({ text: '' })
    engine.chats[0]!.request.onText('A d')
    engine.chats[0]!.request.onText('og')
    expect(last()).toMatchObject({ answer: 'A dog', status: 'running' })
    expect(chat.canAsk()).toBe(false)
    engine.chats[0]!.reply(replyOf('A dog.'))
    await settle()
    expect(last()).toMatchObject({ answer: 'A dog.', status: 'done', took: 100, tokens: 3 })
    expect([...shelf.kept.values()]).toEqual([chat.current])
  })

  it('sends the turns before with the next question', async () => {
    ask('What is it?', true)
    engine.chats[0]!.reply(replyOf('A dog.'))
    await settle()
    ask('And its colour?')
    expect(engine.chats[1]!.request).toMatchObject({ picture, turns: [{ question: 'What is it?', answer: 'A dog.' }] })
    expect(chat.store.state.conversations).toHaveLength(1)
  })

  it('stops with what was said so far', async () => {
    const id = ask('What is it?', true)
    engine.chats[0]!.request.onText('A d')
    chat.stop(id)
    await settle()
    expect(engine.chats[0]!.request.signal.aborted).toBe(true)
    expect(last()).toMatchObject({ answer: 'A d', status: 'stopped' })
    expect(last().failure).toBeUndefined()
  })

  it('tells a failure with what can be done', async () => {
    ask('What is it?', true)
    engine.chats[0]!.fail(busy)
    await settle()
    expect(last()).toMatchObject({ status: 'failed', failure: { code: 'busy', retryAfter: 5 } })
    chat.regenerate(chat.current!.id)
    expect(last().status).toBe('running')
    engine.chats[1]!.reply(replyOf('A dog.'))
    await settle()
    expect(last()).toMatchObject({ status: 'done', answer: 'A dog.' })
    expect(last().failure).toBeUndefined()
    expect(chat.current!.turns).toHaveLength(1)
  })

  it('goes on in one conversation while another is open', async () => {
    const first = ask('What is it?', true)
    chat.select(undefined)
    const second = ask('And this?', true)
    expect(second).not.toBe(first)
    engine.chats[1]!.reply(replyOf('A cat.'))
    engine.chats[0]!.reply(replyOf('A dog.'))
    await settle()
    const answers = chat.store.state.conversations.map(c => [c.id, c.turns[0]!.answer])
    expect(Object.fromEntries(answers)).toEqual({ [first]: 'A dog.', [second]: 'A cat.' })
  })
})

describe('editing', () => {
  it('drops what came after, and keeps the picture', async () => {
    const id = ask('one', true)
    engine.chats[0]!.reply(replyOf('1'))
    await settle()
    ask('two')
    engine.chats[1]!.reply(replyOf('2'))
    await settle()
    chat.edit(id, chat.current!.turns[0]!.id, 'uno')
    expect(chat.current!.turns.map(t => t.question)).toEqual(['uno'])
    expect(engine.chats[2]!.request).toMatchObject({ picture, turns: [], question: 'uno' })
  })

  it('does nothing while an answer is coming', () => {
    const id = ask('one', true)
    chat.edit(id, last().id, 'uno')
    chat.regenerate(id)
    expect(engine.chats).toHaveLength(1)
    expect(last().question).toBe('one')
  })
})

describe('conversations', () => {
  it('have drafts of their own', async () => {
    const id = ask('one', true)
    chat.write({ text: 'half a th' })
    chat.select(undefined)
    expect(chat.draft().text).toBe('')
    chat.select(id)
    expect(chat.draft().text).toBe('half a th')
  })

  it('come back when their removal is undone', async () => {
    const id = ask('one', true)
    engine.chats[0]!.reply(replyOf('1'))
    await settle()
    const undo = chat.remove(id)
    expect(chat.store.state.conversations).toEqual([])
    expect(shelf.kept.size).toBe(0)
    expect(chat.current).toBeUndefined()
    undo()
    expect(chat.store.state.conversations.map(c => c.id)).toEqual([id])
    expect(shelf.kept.size).toBe(1)
  })

  it('that are removed while they are answered stay removed', async () => {
    const id = ask('one', true)
    chat.remove(id)
    await settle()
    expect(shelf.kept.size).toBe(0)
    expect(chat.store.state.conversations).toEqual([])
  })

  it('are there again in the next session, last changed first', async () => {
    const old = { ...newConversation(1), turns: [{ ...newTurn('old', picture), status: 'running' as const }] }
    const recent = { ...newConversation(2), turns: [newTurn('recent', picture)] }
    const next = new ChatService(engine, new FakeShelf(old, recent), () => 'beam')
    await next.load()
    expect(next.store.state.conversations.map(c => c.turns[0]!.question)).toEqual(['recent', 'old'])
    expect(next.store.state.conversations[1]!.turns[0]!.status).toBe('stopped')
    expect(next.store.state.current).toBeUndefined()
  })

  it('start with a picture that was painted', () => {
    ask('one', true)
    chat.talkAbout(picture)
    expect(chat.current).toBeUndefined()
    expect(chat.draft()).toEqual({ text: '', picture })
  })
})

describe('another tab', () => {
  it('goes on with a conversation, which is gone on with here from there', async () => {
    const id = ask('What is it?', true)
    engine.chats[0]!.reply(replyOf('A dog.'))
    await settle()
    const [mine] = chat.store.state.conversations
    const theirs = { ...newTurn('And its colour?', undefined), answer: 'Brown.', status: 'done' as const }
    shelf.elsewhere({ put: { ...mine!, turns: [...mine!.turns, theirs] } })
    ask('And its tail?')
    expect(shelf.kept.get(id)!.turns.map(t => t.question)).toEqual(['What is it?', 'And its colour?', 'And its tail?'])
  })

  it('is not heard while the same is answered here or there', async () => {
    const id = ask('What is it?', true)
    const [mine] = chat.store.state.conversations
    shelf.elsewhere({ put: { ...mine!, turns: [] } })
    shelf.elsewhere({ removed: id })
    const begun: Conversation = { ...newConversation(1), turns: [newTurn('What is that?', picture)] }
    shelf.elsewhere({ put: begun })
    expect(chat.store.state.conversations).toEqual([mine])
  })

  it('deletes', async () => {
    const other: Conversation = { ...newConversation(1), turns: [] }
    shelf.elsewhere({ put: other })
    chat.select(other.id)
    shelf.elsewhere({ removed: other.id })
    expect(chat.store.state).toMatchObject({ conversations: [], current: undefined })
    shelf.elsewhere({ put: other })
    shelf.elsewhere({ cleared: true })
    expect(chat.store.state.conversations).toEqual([])
  })
})
