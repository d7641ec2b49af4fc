import type { EngineService } from '../app/engine-service.js'
import type { ChatRequest, EngineProgress } from '../engine/types.js'
import type { Shelf } from '../storage/shelves.js'
import type { Change } from '../storage/tabs.js'
import { Store } from '../store/store.js'
import {
  type ChatTurn,
  type Conversation,
  contextOf,
  hasPicture,
  isRunning,
  newConversation,
  newTurn,
  restored,
  unanswered,
  withTurn,
} from './conversation.js'
import { failureOf } from './failure.js'

/** What is being written, before it is asked. */
export interface Draft {
  readonly text: string
  readonly picture?: Blob
}

export interface ChatState {
  /** Whether what was kept has been read. */
  readonly loaded: boolean
  /** Last changed first. */
  readonly conversations: readonly Conversation[]
  /** Undefined: a new one, which is made by its first question. */
  readonly current: string | undefined
  /** By conversation; that of a new one under ''. */
  readonly drafts: Readonly<Record<string, Draft>>
  /** By turn: what is going on before the first word. */
  readonly progress: Readonly<Record<string, EngineProgress>>
}

const noDraft: Draft = { text: '' }

/** Conversations: asking, stopping, asking again. What is asked goes on while other views are looked at. */
export class ChatService {
  readonly store: Store<ChatState> = new Store<ChatState>({
    loaded: false,
    conversations: [],
    current: undefined,
    drafts: {},
    progress: {},
  })
  readonly #running = new Map<string, AbortController>()

  constructor(
    readonly engine: Pick<EngineService, 'run'>,
    readonly shelf: Shelf<Conversation>,
    readonly decoding: () => ChatRequest['decoding'],
  ) {
    shelf.onElsewhere(change => this.#elsewhere(change))
  }

  async load(): Promise<void> {
    const kept = (await this.shelf.all()).map(restored)
    this.store.set(({ conversations }) => {
      // What was begun before everything was read stays as it is.
      const begun = new Set(conversations.map(c => c.id))
      return { loaded: true, conversations: sorted([...conversations, ...kept.filter(c => !begun.has(c.id))]) }
    })
  }

  get current(): Conversation | undefined {
    return this.#find(this.store.state.current)
  }

  select(id: string | undefined): void {
    this.store.set({ current: id })
  }

  draft(): Draft {
    return this.store.state.drafts[this.store.state.current ?? ''] ?? noDraft
  }

  write(draft: Draft): void {
    this.store.set(({ drafts, current }) => ({ drafts: { ...drafts, [current ?? '']: draft } }))
  }

  /** A new conversation about a picture, with nothing asked yet. */
  talkAbout(picture: Blob): void {
    this.store.set(({ drafts }) => ({ current: undefined, drafts: { ...drafts, '': { text: '', picture } } }))
  }

  /** Whether the draft can be asked: it has words, and there is a picture to ask about. */
  canAsk(): boolean {
    const { text, picture } = this.draft()
    const { current } = this
    if (current && isRunning(current)) return false
    return text.trim() !== '' && (picture !== undefined || (current !== undefined && hasPicture(current)))
  }

  /** Asks what the draft says. @returns the conversation's id, or undefined where it cannot be asked */
  ask(): string | undefined {
    if (!this.canAsk()) return undefined
    const { text, picture } = this.draft()
    const conversation = this.current ?? newConversation(Date.now())
    this.write(noDraft)
    this.#put({ ...conversation, turns: [...conversation.turns, newTurn(text.trim(), picture)] })
    this.store.set({ current: conversation.id })
    void this.#answer(conversation.id)
    return conversation.id
  }

  /** Answers the last question of a conversation once more. */
  regenerate(id: string): void {
    const conversation = this.#find(id)
    const last = conversation?.turns.at(-1)
    if (!conversation || !last || isRunning(conversation)) return
    this.#put({ ...conversation, turns: [...conversation.turns.slice(0, -1), unanswered(last)] })
    void this.#answer(id)
  }

  /** Asks a question in other words; what came after it is dropped. */
  edit(id: string, turnId: string, question: string): void {
    const conversation = this.#find(id)
    const index = conversation?.turns.findIndex(turn => turn.id === turnId) ?? -1
    const turn = conversation?.turns[index]
    if (!conversation || !turn || isRunning(conversation) || question.trim() === '') return
    const turns = [...conversation.turns.slice(0, index), newTurn(question.trim(), turn.picture)]
    this.#put({ ...conversation, turns })
    void this.#answer(id)
  }

  stop(id: string): void {
    this.#running.get(id)?.abort()
  }

  /** @returns what brings it back */
  remove(id: string): () => void {
    const conversation = this.#find(id)
    this.stop(id)
    this.store.set(({ conversations, current }) => ({
      conversations: conversations.filter(c => c.id !== id),
      current: current === id ? undefined : current,
    }))
    void this.shelf.remove(id)
    return () => {
      if (conversation) this.#put(restored(conversation))
    }
  }

  clear(): void {
    for (const controller of this.#running.values()) controller.abort()
    this.store.set({ conversations: [], current: undefined, drafts: {} })
  }

  /** Another tab changed what is kept: what is answered here goes first, what is answered there comes when it is done. */
  #elsewhere(change: Change<Conversation>): void {
    if ('cleared' in change) {
      this.clear()
      return
    }
    const id = 'put' in change ? change.put.id : change.removed
    if (this.#running.has(id) || ('put' in change && isRunning(change.put))) return
    this.store.set(({ conversations, current }) => {
      const others = conversations.filter(c => c.id !== id)
      if ('put' in change) return { conversations: sorted([...others, change.put]) }
      return { conversations: others, current: current === id ? undefined : current }
    })
  }

  async #answer(id: string): Promise<void> {
    const conversation = this.#find(id)
    const turn = conversation?.turns.at(-1)
    const context = conversation && contextOf(conversation.turns, conversation.turns.length - 1)
    if (!turn || !context) return
    const controller = new AbortController()
    const { signal } = controller
    this.#running.set(id, controller)
    const change = (part: Partial<ChatTurn>): void => this.#change(id, turn.id, part)
    let text = ''
    const ask = { ...context, question: turn.question, decoding: this.decoding(), signal }
    const onText = (added: string): void => {
      text += added
      change({ answer: text })
    }
    const onProgress = (progress: EngineProgress): void =>
      this.store.set(state => ({ progress: { ...state.progress, [turn.id]: progress } }))
    try {
      const reply = await this.engine.run(engine => engine.chat({ ...ask, onText, onProgress }), signal)
      const { finishReason, safety, took, usage } = reply
      const status = finishReason === 'stop' ? 'done' : finishReason
      change({ answer: reply.text, status, safety, took, tokens: usage.completionTokens })
    } catch (thrown) {
      if (signal.aborted) change({ status: 'stopped' })
      else {
        const failure = failureOf(thrown)
        change({ status: failure.code === 'blocked' ? 'blocked' : 'failed', failure, safety: failure.safety })
      }
    }
    this.#running.delete(id)
    this.store.set(({ progress: { [turn.id]: _, ...progress } }) => ({ progress }))
    const done = this.#find(id)
    if (done) this.#put({ ...done, updatedAt: Date.now() })
  }

  #change(id: string, turnId: string, part: Partial<ChatTurn>): void {
    const conversation = this.#find(id)
    const turn = conversation?.turns.find(t => t.id === turnId)
    if (!conversation || !turn) return
    const changed = withTurn(conversation, { ...turn, ...part })
    this.store.set(({ conversations }) => ({ conversations: conversations.map(c => (c.id === id ? changed : c)) }))
  }

  /** Keeps it, and brings it to the front. */
  #put(conversation: Conversation): void {
    const put = { ...conversation, updatedAt: Math.max(conversation.updatedAt, Date.now()) }
    this.store.set(({ conversations }) => ({
      conversations: sorted([...conversations.filter(c => c.id !== put.id), put]),
    }))
    void this.shelf.put(put)
  }

  #find(id: string | undefined): Conversation | undefined {
    return this.store.state.conversations.find(c => c.id === id)
  }
}

function sorted(conversations: readonly Conversation[]): readonly Conversation[] {
  return [...conversations].sort((a, b) => b.updatedAt - a.updatedAt)
}
