import { type ReactNode, useId, useState } from 'react'
import { useMessages } from '../i18n/index.js'
import { useStore } from '../store/store.js'
import { Dialog } from '../ui/Dialog.js'
import { useModel } from './model.js'

/** Asks for the server's key when it wants one. */
export function KeyDialog(): ReactNode {
  const { engine } = useModel()
  const asked = useStore(engine.store, state => state.keyAsked)
  return asked ? <KeyForm wrong={asked.wrong} /> : null
}

function KeyForm({ wrong }: { wrong: boolean }): ReactNode {
  const t = useMessages()
  const { engine } = useModel()
  const [key, setKey] = useState('')
  const id = useId()
  return (
    <Dialog title={t.key.title} onClose={() => engine.answerKey(undefined)} className="narrow">
      <form
        onSubmit={event => {
          event.preventDefault()
          if (key.trim() !== '') engine.answerKey(key.trim())
        }}
      >
        {wrong && (
          <p className="trouble" role="alert">
            {t.key.wrong}
          </p>
        )}
        <p id={`${id}-why`}>{t.key.explain}</p>
        <div className="field">
          <label htmlFor={id}>{t.key.label}</label>
          <input
            id={id}
            type="password"
            autoComplete="off"
            spellCheck={false}
            required
            aria-describedby={`${id}-why`}
            value={key}
            onChange={({ target }) => setKey(target.value)}
          />
        </div>
        <div className="dialog-actions">
          <button type="button" className="secondary" onClick={() => engine.answerKey(undefined)}>
            {t.cancel}
          </button>
          <button type="submit" className="primary">
            {t.save}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
