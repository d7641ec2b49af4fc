import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useModel } from '../app/model.js'
import { langOfText, useMessages } from '../i18n/index.js'
import { useStore } from '../store/store.js'
import { isComposing } from '../ui/composing.js'
import { Icon } from '../ui/Icon.js'
import { PaintSettingsFields } from './PaintSettingsFields.js'
import { SeedField } from './SeedField.js'
import { SourceField } from './SourceField.js'

/** What to paint, and how. */
export function PaintPanel(): ReactNode {
  const t = useMessages().paint
  const { paint } = useModel()
  const { form, run } = useStore(paint.store, state => state)
  const running = run?.status === 'running'
  const button = useRef<HTMLButtonElement>(null)
  const was = useRef(running)
  const [open] = useState(() => !isNarrow())
  useEffect(() => {
    // The button under the focus has changed its meaning: keep the focus on what takes its place.
    if (was.current !== running && document.activeElement === document.body) button.current?.focus()
    // On a phone the picture is below the form. How it is gone there is the style's: not smoothly for everybody.
    if (!was.current && running && isNarrow()) document.querySelector('.stage')?.scrollIntoView({ block: 'start' })
    was.current = running
  }, [running])
  const submit = (): void => {
    if (!paint.canPaint()) return
    void paint.paint()
  }
  const submitOnEnter = (event: React.KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || isComposing(event)) return
    event.preventDefault()
    submit()
  }
  return (
    <form
      className="panel"
      aria-label={t.heading}
      onSubmit={event => {
        event.preventDefault()
        submit()
      }}
    >
      <div className="field">
        <label htmlFor="prompt">{t.prompt}</label>
        <textarea
          id="prompt"
          rows={3}
          placeholder={t.promptHint}
          lang={langOfText(form.prompt)}
          value={form.prompt}
          onChange={({ target }) => paint.fill({ prompt: target.value })}
          onKeyDown={submitOnEnter}
        />
      </div>
      <div className="field">
        <label htmlFor="negative">{t.negative}</label>
        <textarea
          id="negative"
          rows={1}
          placeholder={t.negativeHint}
          lang={langOfText(form.negativePrompt)}
          value={form.negativePrompt}
          onChange={({ target }) => paint.fill({ negativePrompt: target.value })}
          onKeyDown={submitOnEnter}
        />
      </div>
      <div className="panel-go">
        {running ? (
          <button ref={button} key="cancel" type="button" className="secondary wide" onClick={() => paint.cancel()}>
            <Icon name="stop" size={18} />
            {t.cancel}
          </button>
        ) : (
          <button ref={button} key="go" type="submit" className="primary wide" disabled={!paint.canPaint()}>
            <Icon name="brush" size={18} />
            {t.go}
          </button>
        )}
      </div>
      <SourceField />
      <details className="more" open={open}>
        <summary>
          <Icon name="sliders" size={18} />
          {t.settings}
        </summary>
        <SeedField />
        <PaintSettingsFields />
      </details>
    </form>
  )
}

function isNarrow(): boolean {
  return matchMedia('(max-width: 860px)').matches
}
