import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useMessages } from '../i18n/index.js'
import { Dialog } from '../ui/Dialog.js'
import { Icon } from '../ui/Icon.js'

export interface CameraDialogProps {
  readonly onPicture: (picture: Blob) => void
  readonly onClose: () => void
}

type Trouble = 'none' | 'denied' | 'insecure'

/** Takes a picture with the camera. */
export function CameraDialog({ onPicture, onClose }: CameraDialogProps): ReactNode {
  const t = useMessages().chat.camera
  const video = useRef<HTMLVideoElement>(null)
  const [trouble, setTrouble] = useState<Trouble>()
  const [live, setLive] = useState(false)
  useEffect(() => {
    let stream: MediaStream | undefined
    let gone = false
    void (async () => {
      try {
        stream = await openCamera()
        if (gone) return stop(stream)
        const element = video.current
        if (element === null) return
        element.srcObject = stream
        await element.play()
        setLive(true)
      } catch (error) {
        if (!gone) setTrouble(troubleOf(error))
      }
    })()
    return () => {
      gone = true
      if (stream) stop(stream)
    }
  }, [])
  const shoot = async (): Promise<void> => {
    const picture = video.current && (await snapshot(video.current))
    if (picture) onPicture(picture)
    onClose()
  }
  return (
    <Dialog title={t.title} onClose={onClose} className="camera">
      {trouble ? (
        <p role="alert">{t[trouble]}</p>
      ) : (
        <>
          <video ref={video} playsInline muted aria-label={t.live} />
          <button type="button" className="primary" disabled={!live} onClick={() => void shoot()}>
            <Icon name="camera" />
            {t.shoot}
          </button>
        </>
      )}
    </Dialog>
  )
}

async function openCamera(): Promise<MediaStream> {
  const devices = navigator.mediaDevices as MediaDevices | undefined
  if (devices === undefined) throw new DOMException('no secure context', 'SecurityError')
  return await devices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } }, audio: false })
}

function troubleOf(error: unknown): Trouble {
  const name = error instanceof Error || error instanceof DOMException ? error.name : ''
  if (name === 'SecurityError') return 'insecure'
  return name === 'NotAllowedError' ? 'denied' : 'none'
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop()
}

function snapshot(video: HTMLVideoElement): Promise<Blob | null> {
  const canvas = document.createElement('canvas')
  canvas.width = video.videoWidth
  canvas.height = video.videoHeight
  canvas.getContext('2d')?.drawImage(video, 0, 0)
  return new Promise(resolve => canvas.toBlob(resolve, 'image/jpeg', 0.92))
}
