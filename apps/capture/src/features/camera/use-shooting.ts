import { type LocalSession, previewLongSide, StorageFull } from '@spinbay/outbox';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Camera, CameraLock, PhotoMeasures, Shot } from '../../platform/camera.ts';
import type { Picture } from '../../platform/picture.ts';
import { usePlatform } from '../../platform/platform.tsx';
import { useServices, useSettings } from '../services.tsx';
import { isTaken, lastStored, nextOpenSlot, type SessionSlot } from '../session/session-slots.ts';
import { jpegQuality } from '../settings/settings.ts';
import { FirstLight } from './first-light.ts';
import { judgePhoto } from './judge-photo.ts';
import { lockLight } from './lock-light.ts';
import { PressQueue } from './press-queue.ts';
import { isAbout, type ShootingNotice, withCheck } from './shooting-notice.ts';
import { storePhoto } from './store-photo.ts';
import { useLastPreview } from './use-last-preview.ts';
import { watchShot } from './watch-shot.ts';

/** Frames of a burst. Fewer for a spin: the turntable may move again. More for stills: a hand is less steady. */
const burstFrames = { studio360: 3, stills: 5 };

const undoNotice = { removed: 'undone', already_sent: 'undo_sent', failed: 'undo_failed' } as const;

export interface Shooting {
  /** The slot that the next press fills; null if all are filled. */
  readonly current: SessionSlot | null;
  /** Slots whose photo is in memory but not yet on disk. */
  readonly saving: ReadonlySet<string>;
  /** How many slots have a photo on disk or on the server. */
  readonly safe: number;
  /** Whether there is a photo that `undo` can remove. */
  readonly canUndo: boolean;
  readonly lock: CameraLock | null;
  readonly notice: ShootingNotice | null;
  /** Counts presses, for the flash. */
  readonly presses: number;
  readonly lastPreview: Picture | null;
  /** Which frame of the last burst was kept. */
  readonly lastBurst: { readonly taken: number; readonly of: number } | null;
  press(): void;
  select(slot: string): void;
  undo(): void;
  toggleLock(): void;
  dismiss(): void;
}

/** The shutter of a session. A press never waits for a check, a write or an upload. */
export function useShooting(session: LocalSession, slots: readonly SessionSlot[], camera: Camera | null): Shooting {
  const { outbox, qcRules } = useServices();
  const { quality, sound, burst } = useSettings();
  const platform = usePlatform();
  const [selected, setSelected] = useState<string | null>(null);
  const [saving, setSaving] = useState<ReadonlyMap<string, string>>(new Map());
  const [lock, setLock] = useState<CameraLock | null>(null);
  const [notice, setNotice] = useState<ShootingNotice | null>(null);
  const [presses, setPresses] = useState(0);
  const lastPreview = useLastPreview(session);
  const [lastBurst, setLastBurst] = useState<Shooting['lastBurst']>(null);

  const busy = useMemo(() => new Set(saving.values()), [saving]);
  const chosen = slots.find(({ key }) => key === selected) ?? null;
  const firstOpen = slots.find((slot) => !isTaken(slot) && !busy.has(slot.key)) ?? null;
  const current = chosen ?? firstOpen;
  const isSpin = session.mode === 'studio360';

  // A second press before the next render must not fill the same slot. A press changes this state immediately.
  const now = useRef({
    slots,
    photos: session.photos,
    current,
    busy: new Set<string>(),
    locked: null as Camera | null,
    press: () => {},
  });
  const [queue] = useState(() => new PressQueue(() => now.current.press()));
  const [firstLight] = useState(() => new FirstLight());
  now.current.slots = slots;
  now.current.photos = session.photos;
  now.current.current = current;

  const applyLock = useCallback(
    async (of: Camera) => {
      setLock(await lockLight(of, outbox, session.id));
    },
    [outbox, session.id],
  );

  const judge = useCallback(
    (measures: PhotoMeasures, size: { width: number; height: number }, slot: string) =>
      judgePhoto(measures, size, qcRules.get(), isSpin ? firstLight.before(slot, now.current.photos) : null),
    [qcRules, isSpin, firstLight],
  );

  const store = useCallback(
    (slot: SessionSlot, imageId: string, shot: Shot) =>
      storePhoto(outbox, {
        imageId,
        sessionId: session.id,
        slot,
        shot,
        judge: (measures, photo) => judge(measures, photo, slot.key),
      }),
    [outbox, session.id, judge],
  );

  const press = useCallback(() => {
    const { current: slot } = now.current;
    if (camera === null || slot === null || !camera.isLive) {
      queue.clear();
      return;
    }
    const turn = queue.take();
    // A press that waits gets its flash and sound when its frame is taken. Until then the operator must hold still.
    if (turn === null) return;
    const imageId = platform.randomId();
    now.current.busy = new Set([...now.current.busy, slot.key]);
    const next = nextOpenSlot(now.current.slots, slot.key, now.current.busy);
    now.current.current = now.current.slots.find(({ key }) => key === next) ?? null;
    setSelected(next);
    setSaving((before) => new Map(before).set(imageId, slot.key));
    setPresses((n) => n + 1);
    setNotice((before) => (before?.kind === 'qc' ? before : null));
    platform.feedback('shutter', sound);
    // One burst at a time, because each frame is a whole picture in memory.
    const isBurst = burst && camera.canBurst && turn.isAlone;
    const shot = camera.shoot({
      quality: jpegQuality[quality],
      // Smaller on a slow connection, so that the reviewer sees a spin within a minute.
      previewSide: previewLongSide(outbox.state().speed_bytes_per_s),
      frames: isBurst ? burstFrames[session.mode] : 1,
    });
    let isLate = false;
    let isReleased = false;
    const release = () => {
      if (isReleased) return;
      isReleased = true;
      now.current.busy = new Set([...now.current.busy].filter((key) => key !== slot.key));
      setSaving((before) => {
        const after = new Map(before);
        after.delete(imageId);
        return after;
      });
      turn.ended();
    };
    watchShot(shot, () => {
      release();
      isLate = true;
      setNotice({ kind: 'no_photo', slot: slot.key });
      setSelected(slot.key);
      platform.feedback('warning', sound);
    });
    shot
      .then(async ({ measures }) => {
        turn.grabbed();
        // Once per camera: a reopened camera has lost the lock.
        if (isSpin && now.current.locked !== camera) {
          now.current.locked = camera;
          await applyLock(camera);
        }
        const found = await measures;
        if (found === null) return;
        const qc = judge(found, camera, slot.key);
        firstLight.measured(slot.key, imageId, found.surround);
        setNotice((before) => withCheck(before, slot.key, qc));
        if (qc.reasons.length > 0) platform.feedback('warning', sound);
      })
      // A failed check does not stop the shooting.
      .catch((error: unknown) => console.warn('The photo could not be checked.', error));
    shot
      .then((taken) => store(slot, imageId, taken))
      .then((burst) => {
        // A late photo is stored too, although the operator has continued without it.
        if (isLate) return setNotice((before) => (isAbout(before, 'no_photo', slot.key) ? null : before));
        setLastBurst(burst);
      })
      .catch((error: unknown) => {
        console.warn('The photo could not be saved.', error);
        if (isLate) return;
        firstLight.forget(slot.key);
        setNotice({ kind: 'not_saved', slot: slot.key, full: error instanceof StorageFull });
        setSelected(slot.key);
        platform.feedback('warning', sound);
      })
      .finally(release);
  }, [
    queue,
    outbox,
    camera,
    platform,
    sound,
    quality,
    burst,
    session.mode,
    isSpin,
    firstLight,
    judge,
    store,
    applyLock,
  ]);
  now.current.press = press;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another camera has neither the lock nor the presses of the previous one
  useEffect(() => {
    setLock(null);
    queue.clear();
  }, [camera]);

  const last = useMemo(() => lastStored(session, slots), [session, slots]);
  const undo = useCallback(async () => {
    if (last === null) return;
    const { imageId, slot } = last;
    const result = await outbox.removePhoto(imageId).catch((error: unknown) => {
      console.warn('The photo could not be removed.', error);
      return 'failed' as const;
    });
    if (result === 'removed') firstLight.forget(slot);
    setNotice({ kind: undoNotice[result], slot });
    setSelected(slot);
  }, [outbox, last, firstLight]);

  const toggleLock = useCallback(async () => {
    if (camera === null) return;
    if (lock === null) await applyLock(camera);
    else {
      await camera.unlock().catch(() => undefined);
      setLock(null);
    }
  }, [camera, lock, applyLock]);

  const safe = slots.filter((slot) => isTaken(slot) && !busy.has(slot.key)).length;
  const complete = safe === slots.length && slots.length > 0;
  const wasComplete = useRef(complete);
  useEffect(() => {
    if (complete && !wasComplete.current) platform.feedback('done', sound);
    wasComplete.current = complete;
  }, [complete, platform, sound]);

  return {
    current,
    saving: busy,
    safe,
    canUndo: last !== null && busy.size === 0,
    lock,
    notice,
    presses,
    lastPreview,
    lastBurst,
    press,
    select: setSelected,
    undo: () => void undo(),
    toggleLock: () => void toggleLock(),
    dismiss: () => setNotice(null),
  };
}
