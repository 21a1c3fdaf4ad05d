import type { ViewerTexts } from '@spinbay/viewer';

const round = (degrees: number) => (Math.round(degrees * 10) / 10).toLocaleString('de');

const german: Partial<ViewerTexts> = {
  controls: 'Bedienung der Rundumansicht',
  angle: (degrees) => `${round(degrees)}°`,
  spokenAngle: (degrees) => `${round(degrees)} Grad`,
  keys: {
    turn: 'Um ein Bild drehen',
    quarter: 'Um ein Viertel drehen',
    ends: 'Erstes und letztes Bild',
    play: 'Drehung starten und anhalten',
    zoom: 'Vergrößern und verkleinern',
    reset: 'Ganzes Bild',
    pan: 'Vergrößertes Bild verschieben',
  },
  status: {
    pass: 'In Ordnung',
    warn: 'Warnung',
    fail: 'Nicht bestanden',
    pending: 'Unterwegs',
    missing: 'Fehlt',
    unreachable: 'Konnte nicht geladen werden',
  },
  bridged: (_, degrees, shown) => `${round(degrees)}° fehlt. Zu sehen ist ${round(shown)}°.`,
  showing: (degrees) => `zu sehen ist ${round(degrees)} Grad`,
  position: (slot, slots) => `${slot} von ${slots}`,
  loading: (ready, total) => `${ready} von ${total} geladen`,
  loaded: (ready, gaps) => (gaps === 0 ? `Alle ${ready} Bilder geladen` : `${ready} Bilder geladen, ${gaps} fehlen`),
  empty: 'Noch keine Bilder.',
  noPicture: 'Noch kein Bild',
  previous: 'Voriges Bild',
  next: 'Nächstes Bild',
  play: 'Drehung starten',
  pause: 'Drehung anhalten',
  zoomIn: 'Vergrößern',
  zoomOut: 'Verkleinern',
  zoomReset: 'Ganzes Bild',
  fullScreen: 'Vollbild',
  leaveFullScreen: 'Vollbild beenden',
};

/** The viewer itself has the English texts. */
export function viewerTexts(language: string): Partial<ViewerTexts> {
  return language === 'de' ? german : {};
}
