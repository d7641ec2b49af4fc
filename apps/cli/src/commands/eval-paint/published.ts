/** Zero-shot FID on COCO as VisCPM's README gives it: 30,000 pictures; guidance, steps and the choice of captions are not told. */
export const publishedFid: readonly { readonly model: string; readonly en?: number; readonly zh?: number }[] = [
  { model: 'GLIDE', en: 12.2 },
  { model: 'Make-A-Scene', en: 11.8 },
  { model: 'DALL-E 2', en: 10.4 },
  { model: 'UniDiffuser', en: 9.7 },
  { model: 'Stable Diffusion', en: 8.6 },
  { model: 'CogView2', zh: 24 },
  { model: 'AltDiffusion', en: 17.2, zh: 16.1 },
  { model: 'Taiyi Diffusion', zh: 15.6 },
  { model: 'VisCPM-Paint balance', en: 9.5, zh: 10.9 },
  { model: 'VisCPM-Paint zhplus', en: 9.9, zh: 9.6 },
]
