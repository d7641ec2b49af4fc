import { type ReactNode, useContext } from 'react'
import { useModel } from '../app/model.js'
import { LanguageContext, langOfText, localeOf, useMessages } from '../i18n/index.js'
import { BlobImage } from '../ui/BlobImage.js'
import { Dialog } from '../ui/Dialog.js'
import { Icon, IconButton } from '../ui/Icon.js'
import type { GalleryPicture } from './gallery.js'
import { PictureActions } from './PictureActions.js'
import { schedulerName } from './schedulers.js'

export interface PictureDialogProps {
  readonly picture: GalleryPicture
  readonly previous: GalleryPicture | undefined
  readonly next: GalleryPicture | undefined
  readonly onOpen: (other: GalleryPicture) => void
  readonly onRemove: () => void
  readonly onClose: () => void
}

/** One picture of the gallery, with its settings. */
export function PictureDialog(props: PictureDialogProps): ReactNode {
  const { picture, previous, next, onOpen, onRemove, onClose } = props
  const t = useMessages().paint
  const { paint, notices } = useModel()
  const { prompt } = picture.settings
  const use = (): void => {
    paint.takeSettings(picture)
    notices.tell(t.used)
    onClose()
  }
  return (
    <Dialog
      title={prompt || t.untitled}
      onClose={onClose}
      className="picture-dialog"
      onKeyDown={event => {
        if (event.key === 'ArrowLeft' && previous) onOpen(previous)
        if (event.key === 'ArrowRight' && next) onOpen(next)
      }}
    >
      <div className="picture-view">
        <IconButton icon="left" label={t.previous} disabled={!previous} onClick={() => previous && onOpen(previous)} />
        <BlobImage blob={picture.picture} alt={prompt || t.untitled} lang={langOfText(prompt)} className="shown" />
        <IconButton icon="right" label={t.next} disabled={!next} onClick={() => next && onOpen(next)} />
      </div>
      <PictureActions picture={picture.picture} settings={picture.settings} onLeave={onClose}>
        <button type="button" className="primary" onClick={use}>
          <Icon name="sliders" size={18} />
          {t.use}
        </button>
      </PictureActions>
      <h3 className="small-heading">{t.details}</h3>
      <Facts picture={picture} />
      <button type="button" className="danger" onClick={onRemove}>
        <Icon name="trash" size={18} />
        {t.remove}
      </button>
    </Dialog>
  )
}

function Facts({ picture }: { picture: GalleryPicture }): ReactNode {
  const t = useMessages().paint
  const language = useContext(LanguageContext)
  const { settings, score, at, fromPicture, candidate } = picture
  const { negativePrompt, seed, steps, guidanceScale, scheduler, width, height, candidates, strength } = settings
  const facts: readonly (readonly [name: string, value: string | number | undefined])[] = [
    [t.negative, negativePrompt || undefined],
    [t.seed, seed],
    [t.steps, steps],
    [t.guidance, guidanceScale],
    [t.scheduler, scheduler && schedulerName(scheduler)],
    [t.size, width && height && `${width} × ${height}`],
    [t.candidates, candidates && candidates > 1 ? `${candidate + 1} / ${candidates}` : candidates],
    [t.score, score?.toFixed(2)],
    [t.fromPicture, fromPicture ? t.yes : undefined],
    [t.strength, fromPicture ? strength : undefined],
    [t.when, new Date(at).toLocaleString(localeOf(language), { dateStyle: 'medium', timeStyle: 'short' })],
  ]
  return (
    <dl className="facts">
      {facts.map(([name, value]) =>
        value === undefined ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  )
}
