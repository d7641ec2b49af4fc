import { type ReactNode, useState } from 'react'
import { useModel } from '../app/model.js'
import { useMessages } from '../i18n/index.js'
import { useStore } from '../store/store.js'
import { NumberField } from '../ui/NumberField.js'
import { defaultForm, ranges } from './form.js'
import { knownSchedulers, schedulerName } from './schedulers.js'
import { type Shape, shapeOf, sizesFor } from './sizes.js'

/** Steps, guidance, scheduler, candidates, size: each the model's own until it is chosen. */
export function PaintSettingsFields(): ReactNode {
  const t = useMessages().paint
  const { paint, engine } = useModel()
  const form = useStore(paint.store, state => state.form)
  const model = useStore(engine.store, state => state.models).find(m => m.kind === 'paint')
  const schedulers = model?.schedulers ?? knownSchedulers
  const { steps, guidanceScale, candidates } = ranges
  return (
    <>
      <NumberField
        label={t.steps}
        value={form.steps}
        resting={model?.steps ?? 20}
        onChange={value => paint.fill({ steps: value === undefined ? value : Math.round(value) })}
        {...steps}
      />
      <NumberField
        label={t.guidance}
        hint={t.guidanceHint}
        value={form.guidanceScale}
        resting={model?.guidanceScale ?? 7.5}
        onChange={value => paint.fill({ guidanceScale: value })}
        {...guidanceScale}
      />
      <NumberField
        label={t.candidates}
        hint={t.candidatesHint}
        value={form.candidates}
        resting={4}
        onChange={value => paint.fill({ candidates: value === undefined ? value : Math.round(value) })}
        {...candidates}
      />
      <div className="field">
        <label htmlFor="scheduler">{t.scheduler}</label>
        <select
          id="scheduler"
          value={form.scheduler ?? ''}
          onChange={({ target }) => paint.fill({ scheduler: target.value || undefined })}
        >
          <option value="">{t.schedulerDefault}</option>
          {schedulers.map(name => (
            <option key={name} value={name}>
              {schedulerName(name)}
            </option>
          ))}
        </select>
      </div>
      <SizeField side={model?.size ?? 512} />
      <button
        type="button"
        className="text-button"
        onClick={() => {
          const { prompt, negativePrompt } = form
          paint.fill({ ...defaultForm, prompt, negativePrompt })
        }}
      >
        {t.reset}
      </button>
    </>
  )
}

function SizeField({ side }: { side: number }): ReactNode {
  const t = useMessages().paint
  const { paint } = useModel()
  const { width, height } = useStore(paint.store, state => state.form)
  const [own, setOwn] = useState(false)
  const sizes = sizesFor(side)
  const shape = own ? 'own' : shapeOf(width, height, side)
  const choose = (value: string): void => {
    setOwn(value === 'own')
    if (value === 'default') paint.fill({ width: undefined, height: undefined })
    else if (value === 'own') paint.fill({ width: width ?? side, height: height ?? side })
    else paint.fill(sizes[value as Shape])
  }
  return (
    <>
      <div className="field">
        <label htmlFor="size">{t.size}</label>
        <select id="size" value={shape} onChange={({ target }) => choose(target.value)}>
          <option value="default">{t.sizeDefault}</option>
          {(Object.keys(sizes) as Shape[]).map(name => (
            <option key={name} value={name}>
              {`${t.sizes[name]} · ${sizes[name].width} × ${sizes[name].height}`}
            </option>
          ))}
          <option value="own">{t.sizes.own}</option>
        </select>
      </div>
      {shape === 'own' && (
        <div className="sides">
          <Side label={t.width} value={width ?? side} onChange={value => paint.fill({ width: value })} />
          <span aria-hidden="true">×</span>
          <Side label={t.height} value={height ?? side} onChange={value => paint.fill({ height: value })} />
          <span className="hint">{t.pixels}</span>
        </div>
      )}
    </>
  )
}

interface SideProps {
  readonly label: string
  readonly value: number
  readonly onChange: (value: number) => void
}

function Side({ label, value, onChange }: SideProps): ReactNode {
  const [text, setText] = useState<string>()
  const { min, max, step } = ranges.side
  // Typed freely, made to fit when it is left.
  const settle = (): void => {
    const typed = Number(text)
    if (text !== undefined && Number.isFinite(typed) && typed > 0) {
      onChange(Math.min(max, Math.max(min, Math.round(typed / step) * step)))
    }
    setText(undefined)
  }
  return (
    <input
      type="number"
      aria-label={label}
      min={min}
      max={max}
      step={step}
      value={text ?? value}
      onChange={({ target }) => setText(target.value)}
      onBlur={settle}
      onKeyDown={event => {
        if (event.key === 'Enter') settle()
      }}
    />
  )
}
