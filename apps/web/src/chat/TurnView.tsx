import { type ReactNode, useState } from 'react'
import { FailureText } from '../app/FailureText.js'
import { useModel } from '../app/model.js'
import { SafetyText } from '../app/SafetyText.js'
import { langOfText, useMessages } from '../i18n/index.js'
import { useStore } from '../store/store.js'
import { BlobImage } from '../ui/BlobImage.js'
import { IconButton } from '../ui/Icon.js'
import { type ChatTurn, type Conversation, isRunning } from './conversation.js'
import { QuestionEditor } from './QuestionEditor.js'

export interface TurnViewProps {
  readonly conversation: Conversation
  readonly turn: ChatTurn
  /** From 1. */
  readonly number: number
  readonly isLast: boolean
  /** Where the focus goes when editing ends. */
  readonly onEdited: () => void
}

/** A question and its answer. */
export function TurnView({ conversation, turn, number, isLast, onEdited }: TurnViewProps): ReactNode {
  const t = useMessages()
  const { chat } = useModel()
  const [editing, setEditing] = useState(false)
  const busy = isRunning(conversation)
  return (
    <li className="turn">
      {turn.picture && number > 1 && <p className="divider">{t.chat.newPicture}</p>}
      <div className="asked">
        <h3 className="visually-hidden">{t.chat.you}</h3>
        {turn.picture && <BlobImage blob={turn.picture} alt={t.chat.pictureOf(number)} className="asked-picture" />}
        {editing ? (
          <QuestionEditor
            question={turn.question}
            onCancel={() => setEditing(false)}
            onSave={question => {
              setEditing(false)
              chat.edit(conversation.id, turn.id, question)
              onEdited()
            }}
          />
        ) : (
          <div className="asked-row">
            <IconButton
              icon="edit"
              label={t.chat.edit}
              disabled={busy}
              className="quiet"
              onClick={() => setEditing(true)}
            />
            <p className="question" lang={langOfText(turn.question)}>
              {turn.question}
            </p>
          </div>
        )}
      </div>
      <Answer conversation={conversation} turn={turn} isLast={isLast} />
    </li>
  )
}

function Answer({ conversation, turn, isLast }: Pick<TurnViewProps, 'conversation' | 'turn' | 'isLast'>): ReactNode {
  const t = useMessages()
  const { chat } = useModel()
  const again = (): void => chat.regenerate(conversation.id)
  return (
    <div className="answer">
      <h3 className="visually-hidden">{t.chat.model}</h3>
      {turn.answer !== '' && (
        <p className={`answer-text ${turn.status === 'running' ? 'growing' : ''}`} lang={langOfText(turn.answer)}>
          {turn.answer}
        </p>
      )}
      {turn.answer === '' && turn.status === 'running' && <Waiting turn={turn} />}
      {turn.answer === '' && turn.status === 'done' && <p className="hint">{t.chat.empty}</p>}
      {turn.status === 'blocked' && (
        <SafetyText
          notes={turn.safety}
          partial={turn.answer !== ''}
          otherwise={turn.answer === '' ? 'text' : 'answer'}
        />
      )}
      {turn.status === 'failed' && turn.failure && (
        <FailureText key={turn.id} failure={turn.failure} onRetry={again} otherwise="text" />
      )}
      {turn.status !== 'running' && <AnswerFoot turn={turn} {...(isLast ? { onAgain: again } : {})} />}
    </div>
  )
}

function Waiting({ turn }: { turn: ChatTurn }): ReactNode {
  const t = useMessages()
  const { chat } = useModel()
  const progress = useStore(chat.store, state => state.progress[turn.id])
  const share = progress?.total ? ` ${Math.round((100 * progress.done) / progress.total)} %` : ''
  const what = progress?.phase === 'queued' ? t.paint.phases.queued : t.chat.thinking
  return (
    <p className="waiting">
      <span className="pulse" aria-hidden="true" />
      {what}
      {share}
    </p>
  )
}

function AnswerFoot({ turn, onAgain }: { turn: ChatTurn; onAgain?: () => void }): ReactNode {
  const t = useMessages()
  const { notices } = useModel()
  const copy = (): void => {
    // Pages over plain HTTP have no clipboard.
    const written = navigator.clipboard?.writeText(turn.answer) ?? Promise.reject(new Error('no clipboard'))
    written.then(
      () => notices.tell(t.copied),
      () => notices.tell(t.notCopied, { tone: 'error' }),
    )
  }
  const facts = [
    turn.status === 'stopped' && t.chat.stopped,
    turn.status === 'length' && t.chat.length,
    turn.took !== undefined && t.chat.took(t.seconds(turn.took / 1000), turn.tokens ?? 0),
  ].filter(fact => fact !== false)
  return (
    <div className="answer-foot">
      {facts.length > 0 && <span className="hint">{facts.join(' · ')}</span>}
      {turn.answer !== '' && <IconButton icon="copy" label={t.copy} className="quiet" onClick={copy} />}
      {onAgain && turn.status !== 'failed' && (
        <IconButton icon="again" label={t.chat.regenerate} className="quiet" onClick={onAgain} />
      )}
    </div>
  )
}
