import { type ReactNode, useId, useState } from 'react'
import { useMessages } from '../i18n/index.js'

export interface NumberFieldProps {
  readonly label: string
  readonly hint?: string
  readonly value: number | undefined
  /** Undefined: the model's own. */
  readonly onChange: (value: number | undefined) => void
  readonly min: number
  readonly max: number
  readonly step: number
  /** Where the slider stands while the model's own holds. */
  readonly resting: number
  /** Whether it may be left to the model. Default true. */
  readonly optional?: boolean
}

/** A number by slider and by typing; empty leaves it to the model. */
export function NumberField(props: NumberFieldProps): ReactNode {
  const { label, hint, value, onChange, min, max, step, resting, optional = true } = props
  const t = useMessages()
  const id = useId()
  /** While it is typed: '0' is the beginning of '0.5', and no number that is too small. */
  const [typed, setTyped] = useState<string>()
  const type = (text: string): void => {
    setTyped(text)
    const number = text === '' ? undefined : Number(text)
    if (number === undefined ? optional : number >= min && number <= max) onChange(number)
  }
  const settle = (): void => {
    if (typed) onChange(clamp(Number(typed), props))
    setTyped(undefined)
  }
  return (
    <div className="field number-field">
      <div className="field-row">
        <label htmlFor={id}>{label}</label>
        <input
          id={id}
          type="number"
          inputMode="decimal"
          min={min}
          max={max}
          step={step}
          value={typed ?? value ?? ''}
          placeholder={optional ? t.paint.auto : undefined}
          aria-describedby={hint ? `${id}-hint` : undefined}
          onChange={({ target }) => type(target.value)}
          onBlur={settle}
          onKeyDown={event => {
            if (event.key === 'Enter') settle()
          }}
        />
      </div>
      <input
        type="range"
        aria-label={label}
        aria-valuetext={value === undefined ? t.paint.auto : undefined}
        className={value === undefined ? 'resting' : undefined}
        min={min}
        max={max}
        step={step}
        value={value ?? resting}
        onChange={({ target }) => onChange(target.valueAsNumber)}
      />
      {hint && (
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      )}
    </div>
  )
}

function clamp(value: number, { min, max, resting }: NumberFieldProps): number {
  return Number.isFinite(value) ? Math.min(max, Math.max(min, value)) : resting
}
