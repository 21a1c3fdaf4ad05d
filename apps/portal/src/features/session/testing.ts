import { Image } from '@spinbay/contracts';

export const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;

/** A frame from minute `n`. */
export function frame(n: number, more: Record<string, unknown> = {}): Image {
  const status = more.status ?? 'processed';
  const arrived = status !== 'pending' && status !== 'expired';
  return Image.parse({
    id: id(n),
    session_id: id(999),
    angle_deg: null,
    shot_name: null,
    status,
    thumb_keys: null,
    thumb_urls: arrived ? { 150: `/150/${n}`, 600: `/600/${n}`, 1200: `/1200/${n}` } : null,
    qc: arrived
      ? {
          sharpness: { score: 500, status: 'pass' },
          exposure: { status: 'pass', clipped_white: 0, clipped_black: 0, mean_luma: 128 },
        }
      : null,
    qc_version: null,
    failure: null,
    exif: null,
    width: null,
    height: null,
    size_bytes: null,
    hash_sha256: null,
    storage_key: `key-${n}`,
    superseded: false,
    slot: null,
    captured_at: null,
    created_at: `2026-11-22T10:${String(n).padStart(2, '0')}:00.000Z`,
    uploaded_at: null,
    shown_upload: null,
    original_state: null,
    processed_at: null,
    published_at: null,
    published_by: null,
    override: false,
    ...more,
  });
}
