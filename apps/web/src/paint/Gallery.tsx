import { type ReactNode, useRef, useState } from 'react'
import { useModel } from '../app/model.js'
import { langOfText, useMessages } from '../i18n/index.js'
import { useStore } from '../store/store.js'
import { BlobImage } from '../ui/BlobImage.js'
import type { GalleryPicture } from './gallery.js'
import { PictureDialog } from './PictureDialog.js'

/** What was painted and is kept. */
export function Gallery(): ReactNode {
  const t = useMessages().paint
  const { paint, notices } = useModel()
  const pictures = useStore(paint.store, state => state.gallery)
  const [open, setOpen] = useState<string>()
  const heading = useRef<HTMLHeadingElement>(null)
  const index = pictures.findIndex(picture => picture.id === open)
  const picture = pictures[index]
  const remove = (gone: GalleryPicture): void => {
    setOpen(undefined)
    notices.tell(t.removed, { undo: paint.remove(gone.id) })
    // The button that opened it is gone, too.
    setTimeout(() => heading.current?.focus())
  }
  return (
    <section className="gallery" aria-labelledby="gallery-heading">
      <h2 id="gallery-heading" ref={heading} tabIndex={-1}>
        {t.gallery}
      </h2>
      {pictures.length === 0 && <p className="hint">{t.galleryEmpty}</p>}
      <ul>
        {pictures.map(({ id, picture: blob, settings: { prompt } }) => (
          <li key={id}>
            <button type="button" aria-label={t.open(prompt)} lang={langOfText(prompt)} onClick={() => setOpen(id)}>
              <BlobImage blob={blob} alt="" />
            </button>
          </li>
        ))}
      </ul>
      {picture && (
        <PictureDialog
          picture={picture}
          previous={pictures[index - 1]}
          next={pictures[index + 1]}
          onOpen={other => setOpen(other.id)}
          onRemove={() => remove(picture)}
          onClose={() => setOpen(undefined)}
        />
      )}
    </section>
  )
}
