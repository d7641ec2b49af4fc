import type { ReactNode } from 'react'
import type { SafetyNote } from '../engine/types.js'
import { type Messages, useMessages } from '../i18n/index.js'
import { Icon } from '../ui/Icon.js'

/** What a checker said, in a sentence. */
export function sentenceOf(note: SafetyNote, t: Messages): string {
  const what = t.safety.stages[note.stage]
  if (note.decision === 'unknown') return t.safety.unknown(what)
  const category = note.category === undefined ? undefined : (t.safety.categories[note.category] ?? note.category)
  return t.safety.block(what, category)
}

/** The notes that stopped something. */
export function objections(notes: readonly SafetyNote[]): readonly SafetyNote[] {
  const blocked = notes.filter(note => note.decision === 'block')
  return blocked.length > 0 ? blocked : notes.filter(note => note.decision === 'unknown')
}

export interface SafetyTextProps {
  readonly notes: readonly SafetyNote[]
  /** Whether something came through before it was stopped. */
  readonly partial?: boolean
  /** What is assumed where the server says nothing. */
  readonly otherwise: SafetyNote['stage']
}

/** Why something was stopped, and what can be done. */
export function SafetyText({ notes, partial = false, otherwise }: SafetyTextProps): ReactNode {
  const t = useMessages()
  const against = objections(notes)
  const stage = against[0]?.stage ?? otherwise
  const checkers = [...new Set(against.map(note => note.checker))].filter(name => name !== '?')
  return (
    <div className="explained safety" role="alert">
      <Icon name="shield" />
      <div>
        <strong>{t.safety.blockedTitle}</strong>
        {against.length === 0 && <p>{t.safety.unspecified}</p>}
        {[...new Set(against.map(note => sentenceOf(note, t)))].map(sentence => (
          <p key={sentence}>{sentence}</p>
        ))}
        <p>
          {t.together(
            ...(partial ? [t.safety.partial] : []),
            t.safety.ways[stage],
            ...(!partial && stage !== 'answer' && stage !== 'painted' ? [t.safety.mistaken] : []),
          )}
        </p>
        {checkers.length > 0 && <p className="hint">{t.safety.by(checkers.join(', '))}</p>}
      </div>
    </div>
  )
}
