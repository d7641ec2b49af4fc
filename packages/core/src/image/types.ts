/** 8-bit RGB picture, row-major, `data.length === width * height * 3`. */
export interface Image {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

export interface DecodeOptions {
  /** Turn by the EXIF orientation. Default true; upstream ignores EXIF (parity: false). */
  readonly applyOrientation?: boolean
  /** Colour under transparent pixels ('drop': keep the stored colour, as PIL's convert('RGB') does). Default 'drop'. */
  readonly alpha?: 'drop' | 'white'
  /** 16-bit grey to 8 bits: 'clip' at 255 as PIL's convert('RGB') does, or 'scale' (value / 256). Default 'clip'. */
  readonly grey16?: 'clip' | 'scale'
  /** Refuse more pixels than this before decoding. Default 50,000,000. */
  readonly maxPixels?: number
}

/** Turns files into pixels and back; sharp in Node, a canvas in browsers. */
export interface ImageCodec {
  /** @throws ImageError when the bytes are no PNG, JPEG, WebP or GIF, are broken, or too large. */
  decode(bytes: Uint8Array, options?: DecodeOptions): Promise<Image>
  encode(image: Image, format: 'png' | 'jpeg'): Promise<Uint8Array>
}
