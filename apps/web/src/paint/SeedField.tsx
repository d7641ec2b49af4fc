import { type ReactNode, useId } from 'react'
import { useModel } from '../app/model.js'
import { useMessages } from '../i18n/index.js'
import { useStore } from '../store/store.js'
import { IconButton } from '../ui/Icon.js'
import { isSeed, randomSeed } from './form.js'

/** The seed: typed and kept, or a new one for every picture. */
export function SeedField(): ReactNode {
  const t = useMessages().paint
  const { paint } = useModel()
  const { seed, seedLocked } = useStore(paint.store, state => state.form)
  const id = useId()
  const wrong = seedLocked && !isSeed(seed)
  return (
    <div className="field">
      <label htmlFor={id}>{t.seed}</label>
      <div className="with-buttons">
        <input
          id={id}
          inputMode="numeric"
          autoComplete="off"
          placeholder={t.auto}
          value={seed}
          aria-invalid={wrong}
          aria-describedby={`${id}-hint`}
          onChange={({ target }) => paint.fill({ seed: target.value.trim(), seedLocked: target.value.trim() !== '' })}
        />
        <IconButton icon="dice" label={t.dice} onClick={() => paint.fill({ seed: randomSeed(), seedLocked: true })} />
        <IconButton
          icon={seedLocked ? 'lock' : 'unlock'}
          label={t.lock}
          aria-pressed={seedLocked}
          disabled={!seedLocked && !isSeed(seed)}
          onClick={() => paint.fill({ seedLocked: !seedLocked })}
        />
      </div>
      <p id={`${id}-hint`} className={wrong ? 'trouble' : 'hint'}>
        {wrong ? t.seedWrong : t.seedHint}
      </p>
    </div>
  )
}
