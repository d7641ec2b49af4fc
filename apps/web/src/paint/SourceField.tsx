import { type ReactNode, useState } from 'react'
import { useModel } from '../app/model.js'
import { useMessages } from '../i18n/index.js'
import { FileButton } from '../pictures/FileButton.js'
import { usePictureTaker } from '../pictures/use-pictures.js'
import { useStore } from '../store/store.js'
import { BlobImage } from '../ui/BlobImage.js'
import { useDrop } from '../ui/drop.js'
import { Icon, IconButton } from '../ui/Icon.js'
import { NumberField } from '../ui/NumberField.js'
import { ranges } from './form.js'
import { MaskDialog } from './MaskDialog.js'

/** The picture to start from, how much of it may change, and where. */
export function SourceField(): ReactNode {
  const t = useMessages().paint
  const { paint } = useModel()
  const { source, mask, form } = useStore(paint.store, state => state)
  const take = usePictureTaker(picture => paint.startFrom(picture))
  const { ref, over } = useDrop<HTMLFieldSetElement>(files => void take(files))
  const [marking, setMarking] = useState(false)
  return (
    <fieldset ref={ref} className={`source ${over ? 'over' : ''}`}>
      <legend>{t.source}</legend>
      {source === undefined ? (
        <div className="source-empty">
          <p className="hint">{t.sourceHint}</p>
          <FileButton className="secondary" onFiles={files => void take(files)}>
            <Icon name="picture" size={18} />
            {t.sourceChoose}
          </FileButton>
        </div>
      ) : (
        <>
          <div className="source-row">
            <BlobImage blob={source} alt={t.sourceAlt} className="source-picture" />
            <div className="stack">
              <button type="button" className="secondary" onClick={() => setMarking(true)}>
                <Icon name="brush" size={18} />
                {t.mask}
              </button>
              {mask && (
                <p className="hint">
                  {t.maskSet}{' '}
                  <button type="button" className="text-button inline" onClick={() => paint.mark(undefined)}>
                    {t.maskRemove}
                  </button>
                </p>
              )}
            </div>
            <IconButton icon="close" label={t.sourceRemove} onClick={() => paint.startFrom(undefined)} />
          </div>
          <NumberField
            label={t.strength}
            hint={t.strengthHint}
            value={form.strength}
            resting={form.strength}
            optional={false}
            onChange={value => value !== undefined && paint.fill({ strength: value })}
            {...ranges.strength}
          />
        </>
      )}
      {marking && source && (
        <MaskDialog source={source} onClose={() => setMarking(false)} onMask={m => paint.mark(m)} />
      )}
    </fieldset>
  )
}
