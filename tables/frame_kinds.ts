/**
 * Who may have a frame of physical memory; the nucleus counts frames by kind and refuses to free
 * one as another kind than it was allocated as.
 */
export const frameKinds = {
  free: 0,
  /** What the firmware's map keeps, this image, the boot archive, and what is no memory at all. */
  firmware: 1,
  pageTable: 2,
  /** Pages of the VM's linear memory that have been touched. */
  linearMemory: 3,
  /** The arena that devices reach. */
  dma: 4,
  /** Pages and page tables of native tasks. */
  task: 5,
  /** Slabs of the nucleus's own objects. */
  object: 6,
} as const;

export type FrameKind = keyof typeof frameKinds;

/** As reports name them. */
export const frameKindNames: Readonly<Record<FrameKind, string>> = {
  free: 'free',
  firmware: 'firmware',
  pageTable: 'page table',
  linearMemory: 'linear memory',
  dma: 'DMA',
  task: 'native task',
  object: 'kernel object',
};
