import { type ReactNode, useState } from 'react'
import { useMessages } from '../i18n/index.js'
import { CameraDialog } from '../pictures/CameraDialog.js'
import { FileButton } from '../pictures/FileButton.js'
import { Icon } from '../ui/Icon.js'
import { samples } from './samples.js'

export interface WelcomeProps {
  readonly onPicture: (picture: Blob) => void
  readonly onFiles: (files: readonly File[]) => void
}

/** What is there before the first question. */
export function Welcome({ onPicture, onFiles }: WelcomeProps): ReactNode {
  const t = useMessages().chat
  const [camera, setCamera] = useState(false)
  return (
    <div className="welcome">
      <div className="welcome-drop">
        <span className="welcome-mark" aria-hidden="true">
          <Icon name="picture" size={34} />
        </span>
        <h3>{t.welcome}</h3>
        <p>{t.welcomeHint}</p>
        <div className="welcome-actions">
          <FileButton className="primary" onFiles={onFiles}>
            <Icon name="picture" size={18} />
            {t.choose}
          </FileButton>
          <button type="button" className="secondary" onClick={() => setCamera(true)}>
            <Icon name="camera" size={18} />
            {t.takePicture}
          </button>
        </div>
      </div>
      <h3 className="small-heading">{t.tryOne}</h3>
      <ul className="samples">
        {samples.map(({ name, url }) => (
          <li key={name}>
            <button
              type="button"
              aria-label={t.sample(t.samples[name])}
              onClick={() => void fetch(url).then(async r => onPicture(await r.blob()))}
            >
              <img src={url} alt="" width="96" height="96" />
            </button>
          </li>
        ))}
      </ul>
      {camera && <CameraDialog onPicture={onPicture} onClose={() => setCamera(false)} />}
    </div>
  )
}
