import { type ReactNode, useEffect, useRef, useState } from 'react'
import { langOfText, useMessages } from '../i18n/index.js'
import { Sentences } from '../ui/sentences.js'
import type { ChatTurn } from './conversation.js'

/** Tells those who listen what comes: whole sentences, not every word, and when the answer is complete. */
export function Announcer({ turn }: { turn: ChatTurn | undefined }): ReactNode {
  const t = useMessages().chat
  const [said, setSaid] = useState<{ text: string; lang: string | undefined }>({ text: '', lang: undefined })
  const following = useRef<{ id: string; sentences: Sentences } | undefined>(undefined)
  useEffect(() => {
    const say = (text: string): void => {
      if (text !== '') setSaid({ text, lang: langOfText(text) })
    }
    if (turn === undefined) return
    if (turn.status === 'running' && following.current?.id !== turn.id) {
      following.current = { id: turn.id, sentences: new Sentences() }
      say(t.thinking)
    }
    // What was kept from before is read where it stands, not announced.
    if (following.current?.id !== turn.id) return
    const { sentences } = following.current
    if (turn.status === 'running') say(sentences.next(turn.answer))
    else {
      following.current = undefined
      const ended = turn.status === 'stopped' ? t.stopped : t.complete
      say(turn.status === 'failed' || turn.status === 'blocked' ? '' : `${sentences.rest(turn.answer)} ${ended}`)
    }
  }, [turn, t])
  return (
    <p className="visually-hidden" role="status" aria-live="polite" lang={said.lang}>
      {said.text}
    </p>
  )
}
