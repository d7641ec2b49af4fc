import { type ReactNode, useEffect, useRef, useState } from 'react'
import { langOfText, useMessages } from '../i18n/index.js'
import { isComposing } from '../ui/composing.js'

export interface QuestionEditorProps {
  readonly question: string
  readonly onSave: (question: string) => void
  readonly onCancel: () => void
}

export function QuestionEditor({ question, onSave, onCancel }: QuestionEditorProps): ReactNode {
  const t = useMessages()
  const [text, setText] = useState(question)
  const area = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    area.current?.focus()
    area.current?.select()
  }, [])
  const save = (): void => {
    if (text.trim() !== '') onSave(text)
  }
  return (
    <form
      className="editor"
      onSubmit={event => {
        event.preventDefault()
        save()
      }}
    >
      <textarea
        ref={area}
        aria-label={t.chat.editing}
        lang={langOfText(text)}
        rows={2}
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={event => {
          if (isComposing(event)) return
          if (event.key === 'Escape') onCancel()
          if (event.key !== 'Enter' || event.shiftKey) return
          event.preventDefault()
          save()
        }}
      />
      <div className="editor-actions">
        <button type="button" className="secondary" onClick={onCancel}>
          {t.cancel}
        </button>
        <button type="submit" className="primary" disabled={text.trim() === ''}>
          {t.chat.sendEdited}
        </button>
      </div>
    </form>
  )
}
